import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { openBackedUp, type BackedUp } from './support.ts'

/** The command itself, with what somebody types. */
async function verify({ server }: BackedUp, words: readonly string[], typed: string) {
  const command = spawn(process.execPath, [join(import.meta.dirname, '../../../cli/src/main.ts'), 'backup', 'verify', ...words], {
    env: { PATH: process.env['PATH'], SALLYPORT_DATA_DIR: server.dataDirectory, SALLYPORT_CONFIG_DIR: server.configDirectory },
  })
  command.stdin.end(typed)
  const [out, err, [status]] = await Promise.all([text(command.stdout), text(command.stderr), once(command, 'exit')])
  return { status: status as unknown, said: `${out}${err}` }
}

test('backup verify --from looks at that folder, whether an identity is named or asked for, and says nothing good of one that is damaged there', async () => {
  await using made = await openBackedUp()
  const name = await made.backUp()
  const copy = join(made.server.configDirectory, 'copy')
  const anew = async () => { await rm(copy, { recursive: true, force: true }); await cp(made.folder, copy, { recursive: true }) }
  const identity = `${made.identity.reveal()}\n`
  await anew()
  expect(await verify(made, [name, '--from', copy], identity)).toMatchObject({ status: 0, said: expect.stringMatching(/is whole/) as string })
  expect(await verify(made, [name, '--from', copy], '')).toMatchObject({ status: 1, said: expect.stringMatching(/no identity/) as string })
  const damages: readonly [RegExp, () => Promise<unknown>][] = [
    [/is damaged/, async () => { const bytes = await readFile(join(copy, `${name}.age`)); bytes.writeUInt8(bytes.readUInt8(200) ^ 1, 200); await writeFile(join(copy, `${name}.age`), bytes) }],
    [/cannot be believed/, async () => { const path = join(copy, `${name}.json`); await writeFile(path, (await readFile(path, 'utf8')).replace(/"verifiedAt": "2/, '"verifiedAt": "1')) }],
    [/keys\.json is missing/, () => rm(join(copy, 'keys.json'))],
  ]
  for (const [said, damage] of damages) {
    await anew()
    await damage()
    expect(await verify(made, [name, '--from', copy], identity)).toMatchObject({ status: 1, said: expect.stringMatching(said) as string })
    expect(await verify(made, [name, '--from', copy, '--identity', made.identityFile], '')).toMatchObject({ status: 1, said: expect.stringMatching(said) as string })
  }
}, 120_000)
