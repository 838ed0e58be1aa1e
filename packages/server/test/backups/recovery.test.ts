import { spawnSync } from 'node:child_process'
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { compose } from '../../src/compose/index.ts'
import { loadConfig } from '../../src/config/load.ts'
import { openBackedUp, rowsOf } from './support.ts'

const root = join(import.meta.dirname, '../../../..')
const hasAge = spawnSync('sh', ['-c', 'age --version && zstd --version']).status === 0

/** The commands of the page, in their order. */
async function commandsOf(page: string): Promise<readonly string[]> {
  const text = await readFile(join(root, page), 'utf8')
  return [...text.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(([, code = '']) => code)
}

test.skipIf(process.platform === 'win32')('who follows docs/operations/recovery.md word for word has everything back', async () => {
  const commands = await commandsOf('docs/operations/recovery.md')
  expect(commands.length).toBeGreaterThanOrEqual(7)
  const home = await mkdtemp(join(tmpdir(), 'sallyport-recovery-'))
  try {
    await using made = await openBackedUp()
    const before = await rowsOf(made.server)
    await made.backUp()
    await made.server.sallyport.close()
    const safe = join(home, 'safe')
    await cp(made.folder, join(safe, 'sallyport-backups'), { recursive: true })
    await cp(made.identityFile, join(safe, 'identity.txt'))
    await cp(join(made.server.configDirectory, 'sallyport.key'), join(safe, 'sallyport.key'))
    const data = join(home, '.local', 'share', 'sallyport')
    await mkdir(data, { recursive: true })
    await writeFile(join(data, 'sallyport.sqlite'), 'what a failing disk left')

    const script = commands.slice(0, hasAge ? undefined : -1).join('\n').replaceAll('/media/safe', safe)
    const run = spawnSync('bash', ['-euo', 'pipefail', '-c', script], { cwd: root, encoding: 'utf8', env: { HOME: home, PATH: process.env['PATH'] } })
    expect(run.status, run.stdout + run.stderr).toBe(0)
    expect(run.stdout).toContain('can be restored')
    expect(run.stdout).toContain('entries is whole')
    expect(run.stdout).toContain('owner@example.org')
    if (hasAge) expect(run.stdout).toContain('"sallyport":"logical-dump"')
    expect(await readdir(join(home, '.local', 'share', 'sallyport-damaged'))).toContain('sallyport.sqlite')

    const sallyport = await compose(loadConfig({}, { SALLYPORT_DATA_DIR: data, SALLYPORT_CONFIG_DIR: join(home, '.config', 'sallyport') }))
    try {
      expect(await rowsOf({ sallyport })).toEqual(before)
    } finally {
      await sallyport.close()
    }
  } finally {
    await rm(home, { recursive: true, force: true })
  }
}, 240_000)

test('a recovery that leaves out the key goes no further than the rehearsal', async () => {
  const commands = await commandsOf('docs/operations/recovery.md')
  const home = await mkdtemp(join(tmpdir(), 'sallyport-recovery-'))
  try {
    await using made = await openBackedUp()
    await made.backUp()
    const safe = join(home, 'safe')
    await cp(made.folder, join(safe, 'sallyport-backups'), { recursive: true })
    await cp(made.identityFile, join(safe, 'identity.txt'))
    const script = commands.filter((code) => !code.includes('sallyport.key')).join('\n').replaceAll('/media/safe', safe)
    const run = spawnSync('bash', ['-euo', 'pipefail', '-c', script], { cwd: root, encoding: 'utf8', env: { HOME: home, PATH: process.env['PATH'] } })
    expect(run.status).not.toBe(0)
    expect(run.stderr).toContain('is missing')
    expect(await readdir(join(home, '.local', 'share', 'sallyport')).catch(() => [])).not.toContain('store.json')
  } finally {
    await rm(home, { recursive: true, force: true })
  }
}, 120_000)
