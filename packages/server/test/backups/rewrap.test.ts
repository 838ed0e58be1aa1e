import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import * as z from 'zod'
import { createLocalVault } from '../../src/adapters/key-vault/shared/local-key.ts'
import { compose } from '../../src/compose/index.ts'
import { openStore } from '../../src/compose/store.ts'
import { loadNextVault } from '../../src/ops/index.ts'
import { pendingVaultKey, wrapForNext } from '../../src/domains/secrets/index.ts'
import { rehearseRestore, restoreBackup } from '../../src/ops/backup/index.ts'
import { examine } from '../../src/ops/doctor/index.ts'
import { rewrapStore } from '../../src/ops/rewrap.ts'
import { VaultFailure } from '../../src/ports/key-vault.ts'
import { configOf, openBackedUp, PLANTED, type BackedUp } from './support.ts'

const KILLS = 6

async function nextVault(made: BackedUp) {
  const [passphrase, file] = [join(made.server.configDirectory, 'passphrase'), join(made.server.configDirectory, 'next.json')]
  await writeFile(passphrase, 'seven unrelated words that nobody else puts here\n', { mode: 0o600 })
  await writeFile(file, JSON.stringify({ kind: 'passphrase', passphrase: `file:${passphrase}` }), { mode: 0o600 })
  const settings = { SALLYPORT_VAULT_KIND: 'passphrase', SALLYPORT_VAULT_PASSPHRASE: `file:${passphrase}` }
  /** What `doctor` says of the key that opens the backups. */
  const doubts = async () => (await examine({ SALLYPORT_DATA_DIR: made.server.dataDirectory, SALLYPORT_CONFIG_DIR: made.server.configDirectory, ...settings })).findings.filter(({ area, found }) => area === 'backups' && found.includes('another key'))
  return { file, next: await loadNextVault(made.config, file), config: configOf(made.server, settings), doubts }
}
async function keysThatOpen(config: Parameters<typeof openStore>[0]): Promise<number> {
  const { database, directory, vault } = await openStore(config)
  try {
    const keys = await database.read.selectFrom('data_key').selectAll().execute()
    for (const key of keys) await vault.unwrap(key.wrapped, `data-key ${key.owner_id} ${key.version}`)
    return keys.length
  } finally {
    await database.close()
    directory.release()
  }
}

test('a store moves to another vault: the new one opens everything, the former one nothing, and backups go on', async () => {
  await using made = await openBackedUp()
  const name = await made.backUp()
  const { next, config, doubts } = await nextVault(made)
  await made.server.sallyport.close()
  const moved = await rewrapStore(made.config, { next })
  expect(moved).toMatchObject({ from: 'key-file', to: 'passphrase' })
  await expect(openStore(made.config)).rejects.toBeInstanceOf(VaultFailure)
  // Until a new copy is made it is the backup that needs the former key; the store does not, and nobody is told so.
  const untilThen = /^The wrapped keys beside this backup were made with the vault "key-file", and vault\.kind is "passphrase".* start the server/
  await expect(rehearseRestore(config, { name, identities: [made.identity] })).rejects.toThrow(untilThen)
  await expect(restoreBackup(config, { name, identities: [made.identity] })).rejects.toThrow(untilThen)
  await rm(made.config.keyFile)
  expect(await keysThatOpen(config)).toBe(moved.keys)
  expect(await doubts()).toEqual([expect.objectContaining({ health: 'warning', means: expect.stringMatching(/former key alone/) as string })])

  // The first look of a running server makes a new copy of the wrapped keys: the backup from before opens with the new vault alone.
  const keysBefore = await readFile(join(made.folder, 'keys.json'), 'utf8')
  const again = await compose(config)
  await again.domains.backups.renewKeysOfFormerVault()
  expect((await again.domains.audit.verify()).ok).toBe(true)
  await again.close()
  expect(await readFile(join(made.folder, 'keys.json'), 'utf8')).not.toBe(keysBefore)
  expect(await doubts()).toEqual([])
  await restoreBackup(config, { name, identities: [made.identity] })
  expect(await keysThatOpen(config)).toBeGreaterThan(1)
}, 60_000)

test('the key that the store has already is refused, and a vault that gives something else back changes nothing', async () => {
  await using made = await openBackedUp()
  await made.server.sallyport.close()
  await expect(rewrapStore(made.config, { next: made.config })).rejects.toThrow(/has already/)
  const { database, directory, vault } = await openStore(made.config)
  const lying = { ...createLocalVault(Buffer.alloc(32, 7)), unwrap: () => Promise.resolve(Buffer.alloc(32)) }
  await expect(wrapForNext(database, { from: vault, to: lying })).rejects.toThrow(/does not give back/)
  expect(await pendingVaultKey(database)).toBeNull()
  await database.close()
  directory.release()
}, 60_000)

test('a move that is killed at any moment leaves a store that one of the two vaults opens, and goes on when it is called again', async () => {
  await using made = await openBackedUp()
  const { file, config } = await nextVault(made)
  await made.server.sallyport.close()
  const copy = join(made.server.configDirectory, 'live')
  await cp(made.server.dataDirectory, copy, { recursive: true, filter: (path) => !path.includes('/run/') })
  const opened: string[] = []
  for (let round = 0; round < KILLS; round += 1) {
    await rm(made.server.dataDirectory, { recursive: true })
    await cp(copy, made.server.dataDirectory, { recursive: true })
    const environment = { PATH: process.env['PATH'], SALLYPORT_DATA_DIR: made.server.dataDirectory, SALLYPORT_CONFIG_DIR: made.server.configDirectory }
    const run = () => spawn(process.execPath, [join(import.meta.dirname, '../../../cli/src/main.ts'), 'secrets', 'rewrap', '--to', file], { stdio: 'ignore', env: environment })
    const command = run()
    const ended = once(command, 'exit')
    if (round < KILLS - 1) {
      await Promise.race([ended, sleep(900 + round * 250)])
      command.kill('SIGKILL')
    }
    await ended
    const isMoved = z.object({ vault: z.object({ kind: z.string() }) }).parse(JSON.parse(await readFile(join(made.server.dataDirectory, 'store.json'), 'utf8'))).vault.kind === 'passphrase'
    expect(await keysThatOpen(isMoved ? config : made.config)).toBeGreaterThan(1)
    if (!isMoved) {
      await once(run(), 'exit')
      expect(await keysThatOpen(config)).toBeGreaterThan(1)
    }
    opened.push(isMoved ? 'new' : 'former')
  }
  expect(opened.at(-1)).toBe('new')
}, 180_000)

test('what is written in a store between two attempts to move it moves with it', async () => {
  await using made = await openBackedUp()
  const { next, config } = await nextVault(made)
  await made.server.sallyport.close()
  const { database, directory, vault } = await openStore(made.config)
  let wraps = 0
  const stopping = createLocalVault(Buffer.alloc(32, 9))
  await expect(wrapForNext(database, { from: vault, to: { ...stopping, wrap: (key, context) => { wraps += 1; return wraps > 1 ? Promise.reject(new VaultFailure('gone')) : stopping.wrap(key, context) } } })).rejects.toThrow('gone')
  await database.close()
  directory.release()
  await made.server.restart()
  made.owner = await made.server.renew(made.owner)
  const late = await made.server.addAccount('late')
  const conversation = await late.newConversation()
  await late.call('PATCH', `/api/v1/conversations/${conversation}`, { title: `${PLANTED} late` })
  await made.server.sallyport.close()
  await rewrapStore(made.config, { next })
  const again = await compose(config)
  const sealer = await again.domains.keyRing.sealerOf(late.account.id)
  const row = await again.database.read.selectFrom('conversation').select('title_sealed').where('id', '=', conversation).executeTakeFirstOrThrow()
  expect(sealer.open({ table: 'conversation', rowId: conversation, column: 'title_sealed' }, row.title_sealed)).toBe(`${PLANTED} late`)
  await again.close()
}, 60_000)

test('a move names the stores that a restore laid aside, which no erasure reaches any more, and none where there are none', async () => {
  await using made = await openBackedUp()
  const name = await made.backUp()
  const { file, next, config } = await nextVault(made)
  await made.server.sallyport.close()
  const { former } = await restoreBackup(made.config, { name, identities: [made.identity] })
  const command = spawn(process.execPath, [join(import.meta.dirname, '../../../cli/src/main.ts'), 'secrets', 'rewrap', '--to', file], {
    env: { PATH: process.env['PATH'], SALLYPORT_DATA_DIR: made.server.dataDirectory, SALLYPORT_CONFIG_DIR: made.server.configDirectory },
  })
  const [said] = await Promise.all([text(command.stdout), once(command, 'exit')])
  expect(said).toMatch(/open with the former key alone.*Remove them/)
  expect(said).toContain(former)
  await rm(former ?? '', { recursive: true })
  expect(await rewrapStore(config, { next: made.config })).toMatchObject({ from: next.vault.kind, closedStores: [] })
}, 60_000)
