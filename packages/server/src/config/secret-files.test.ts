import { chmod, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { requireSafe } from './greet.ts'
import { ConfigProblem, loadConfig } from './load.ts'
import { reviewConfig } from './review.ts'

const VALUE = 'swordfish-swordfish-swordfish'
let directory: string
beforeEach(async () => { directory = await mkdtemp(join(tmpdir(), 'sallyport-secret-files-')) })
afterEach(async () => { await rm(directory, { recursive: true, force: true }) })

const place = (name: string) => join(directory, name)
async function secret(name: string, mode: number): Promise<string> {
  await writeFile(place(name), `${VALUE}\n`)
  await chmod(place(name), mode)
  return place(name)
}
/** What is said of a configuration file, beside what is said anyway. */
async function look(settings: object, environment: Record<string, string> = {}) {
  await writeFile(place('sallyport.json'), JSON.stringify(settings), { mode: 0o600 })
  const all = { SALLYPORT_CONFIG_DIR: directory, SALLYPORT_DATA_DIR: place('data'), ...environment }
  const config = loadConfig({}, all)
  return { config, concerns: reviewConfig(config, all).filter(({ found }) => found.includes('secret')) }
}
const withKey = (path: string) => ({ providers: { one: { adapter: 'openai', credential: `file:${path}` } } })

describe.skipIf(process.platform === 'win32')('a file that a reference names', () => {
  test.each([[0o600], [0o400], [0o640]])('with the mode %o has nothing against it', async (mode) => {
    expect((await look(withKey(await secret('key', mode)))).concerns).toEqual([])
  })
  test.each([[0o666, 'Others can write'], [0o620, 'Others can write'], [0o602, 'Others can write'], [0o644, 'Everybody on this machine can read'], [0o604, 'Everybody on this machine can read']])('with the mode %o is told of', async (mode, found) => {
    const { concerns } = await look(withKey(await secret('key', mode)))
    expect(concerns).toMatchObject([{ about: 'providers.one.credential', isGrave: true, found: expect.stringContaining(found), mend: expect.stringContaining('chmod') }])
    expect(JSON.stringify(concerns)).not.toContain(VALUE)
  })
  test('is followed through links', async () => {
    await symlink(await secret('key', 0o644), place('link'))
    expect((await look(withKey(place('link')))).concerns).toMatchObject([{ found: expect.stringContaining(place('key')) }])
  })
  test('is found wherever the reference stands: in the file, in the environment, in every area', async () => {
    const open = `file:${await secret('key', 0o644)}`
    const { concerns } = await look(
      { mail: { kind: 'smtp', host: 'mail.example.org', from: 'a@example.org', credential: open }, references: { vaultToken: open } },
      { SALLYPORT_VAULT_KIND: 'passphrase', SALLYPORT_VAULT_PASSPHRASE: open, SALLYPORT_BACKUP_S3_SECRET_ACCESS_KEY: open },
    )
    expect(concerns.map(({ about }) => about).toSorted()).toEqual(['backup.s3SecretAccessKey', 'mail.credential', 'references.vaultToken', 'vault.passphrase'])
  })
  test('stops the start of a server that others can reach, and no other', async () => {
    const settings = withKey(await secret('key', 0o644))
    const alone = await look(settings)
    expect(() => { requireSafe(alone.config, alone.concerns) }).not.toThrow()
    const reached = await look({ ...settings, preset: 'team' })
    expect(() => { requireSafe(reached.config, reached.concerns) }).toThrow(ConfigProblem)
  })
})
