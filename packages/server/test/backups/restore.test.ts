import { spawn } from 'node:child_process'
import { createHash, randomBytes, randomInt } from 'node:crypto'
import { once } from 'node:events'
import { cp, mkdir, mkdtemp, readdir, readFile, rename, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { keyVaults } from '../../src/adapters/key-vault/index.ts'
import { openBackupStore } from '../../src/compose/backups.ts'
import { openStore } from '../../src/compose/store.ts'
import { loadConfig } from '../../src/config/load.ts'
import { openSqliteFill } from '../../src/database/sqlite/fill.ts'
import { MANIFEST_MARK } from '../../src/domains/backups/index.ts'
import { makeBackup } from '../../src/domains/backups/make-backup.ts'
import { createKeyRing, sealerFrom } from '../../src/domains/secrets/index.ts'
import { systemClock } from '../../src/kernel/clock.ts'
import { newIdentity, restoreBackup, rehearseRestore } from '../../src/ops/backup/index.ts'
import { digestOf, MODEL, openBackedUp, PLANTED, rowsOf, type BackedUp } from './support.ts'

const CYCLES = 3
const DAMAGED = 100
const KILLS = 8

/** Ends the server, restores, and starts it again. */
async function restoreAndStart(made: BackedUp, name: string) {
  await made.server.sallyport.close()
  const restored = await restoreBackup(made.config, { name, identities: [made.identity] })
  await made.server.restart()
  return restored
}

test(`${CYCLES} times backed up, wiped and restored, everything is there again`, async () => {
  await using made = await openBackedUp()
  for (let cycle = 0; cycle < CYCLES; cycle += 1) {
    const conversation = await made.owner.newConversation()
    await made.owner.call('POST', `/api/v1/conversations/${conversation}/turns`, { text: `Cycle ${cycle}?`, model: MODEL })
    const before = await rowsOf(made.server)
    const name = await made.backUp()
    await made.server.sallyport.close()
    await rm(made.server.dataDirectory, { recursive: true })
    expect((await restoreBackup(made.config, { name, identities: [made.identity] })).former).toBeNull()
    await made.server.restart()
    expect(await rowsOf(made.server)).toEqual(before)
    const owner = await made.server.renew(made.owner)
    expect((await owner.call('GET', '/api/v1/conversations')).text).toContain(PLANTED)
    const audit = (await owner.call('POST', '/api/v1/audit/verify')).json
    expect(audit).toMatchObject({ ok: true })
    const answer = await owner.call('POST', '/api/v1/chat', { text: `What is said of ${PLANTED} and bees?`, model: MODEL })
    expect(answer.text, 'the word index is there too').toContain(`${PLANTED} paper`)
    made.owner = owner
  }
}, 120_000)

test('what is there is kept aside, and opens again from there', async () => {
  await using made = await openBackedUp()
  const name = await made.backUp()
  await made.owner.call('POST', '/api/v1/conversations', { title: 'Written after the backup' })
  const later = await rowsOf(made.server)
  const { former } = await restoreAndStart(made, name)
  expect(await rowsOf(made.server)).not.toEqual(later)
  await made.server.sallyport.close()
  if (former === null) throw new Error('There was a store.')
  for (const file of await readdir(former)) await rename(join(former, file), join(made.server.dataDirectory, file))
  await made.server.restart()
  expect(await rowsOf(made.server)).toEqual(later)
}, 60_000)

test('who was erased after a backup stays erased: their key is gone from it, and opens nothing', async () => {
  await using made = await openBackedUp()
  const leaver = await made.server.addAccount('leaver')
  await leaver.call('POST', '/api/v1/conversations', { title: 'Not for long' })
  const old = await made.backUp()
  const [oldRows] = [await rowsOf(made.server)]
  expect(oldRows['account']?.join()).toContain(leaver.account.id)
  const { database } = made.server.sallyport
  await database.write([{ query: database.read.deleteFrom('data_key').where('owner_id', '=', leaver.account.id).compile() }, { query: database.read.deleteFrom('account').where('id', '=', leaver.account.id).compile() }])
  made.server.clock.advance(60_000)
  await made.backUp()
  const restored = await restoreAndStart(made, old)
  expect(restored.erased).toBe(1)
  expect(JSON.stringify(await rowsOf(made.server))).not.toContain(leaver.account.id)
  const owner = await made.server.renew(made.owner)
  expect((await owner.call('GET', '/api/v1/accounts')).status).toBe(200)
}, 60_000)

describe('a restore refuses', () => {
  let made: BackedUp
  let name: string
  let folder: string
  let live: string
  beforeAll(async () => {
    made = await openBackedUp()
    name = await made.backUp()
    await made.server.sallyport.close()
    live = await digestOf(made.server.dataDirectory)
    folder = join(made.server.configDirectory, 'copy')
  })
  afterAll(async () => { await made[Symbol.asyncDispose]() })

  const refusalOf = (choice: Partial<Parameters<typeof restoreBackup>[1]> = {}) => restoreBackup(made.config, { name, folder, identities: [made.identity], ...choice }).then(() => 'restored', (error: unknown) => (error instanceof Error ? `${error.name}: ${error.message}` : 'thrown'))
  const freshCopy = async () => {
    await rm(folder, { recursive: true, force: true })
    await cp(made.folder, folder, { recursive: true })
  }
  const change = async (file: string, alter: (value: Record<string, unknown>) => void) => {
    const value = JSON.parse(await readFile(join(folder, file), 'utf8')) as Record<string, unknown>
    alter(value)
    await writeFile(join(folder, file), `${JSON.stringify(value, null, 2)}\n`)
  }
  const untouched = async () => { expect(await digestOf(made.server.dataDirectory)).toBe(live) }

  test(`${DAMAGED} backups that were flipped, cut, reordered, doubled or spliced, and leaves the live data as it is`, async () => {
    const files = await readdir(made.folder)
    for (let round = 0; round < DAMAGED; round += 1) {
      await freshCopy()
      const file = files[round % files.length] ?? ''
      const bytes = await readFile(join(folder, file))
      const damaged = damage(bytes, round)
      await writeFile(join(folder, file), damaged)
      expect(await refusalOf(), `round ${round} of ${file}`).toMatch(/^(?:BackupRefused|VaultFailure): /)
    }
    await untouched()
    // The same copy, undamaged, is not refused by the same steps.
    await freshCopy()
    expect((await rehearseRestore(made.config, { name, folder, identities: [made.identity] })).rows).toBeGreaterThan(100)
  }, 180_000)
  test('damaged payloads whose hashes were made to fit: its own mark gives them away', async () => {
    await freshCopy()
    const bytes = await readFile(join(folder, `${name}.age`))
    bytes.writeUInt8(bytes.readUInt8(bytes.length - 40) ^ 1, bytes.length - 40)
    await writeFile(join(folder, `${name}.age`), bytes)
    await change(`${name}.json`, (manifest) => { Object.assign(manifest['dump'] as object, { sha256: createHash('sha256').update(bytes).digest('hex') }) })
    expect(await refusalOf()).toContain('was not made by this store')
    await untouched()
  })
  test('a manifest that says anything else than it said', async () => {
    for (const alter of [
      (manifest: Record<string, unknown>) => { manifest['madeAt'] = '2030-01-01T00:00:00.000Z' }, (manifest: Record<string, unknown>) => { manifest['recipients'] = [] },
      (manifest: Record<string, unknown>) => { Object.assign(manifest['dump'] as object, { rows: 1 }) }, (manifest: Record<string, unknown>) => { manifest['mac'] = '0'.repeat(64) },
    ]) {
      await freshCopy()
      await change(`${name}.json`, alter)
      expect(await refusalOf()).toMatch(/^BackupRefused: /)
    }
    await untouched()
  })
  test('one of a newer version, and one from before the first migration', async () => {
    await freshCopy()
    await change(`${name}.json`, (manifest) => { (manifest['migrations'] as string[]).push('9999-later') })
    expect(await refusalOf()).toContain('newer version')
    await change(`${name}.json`, (manifest) => { manifest['migrations'] = [] })
    expect(await refusalOf()).toContain('older than the first version')
    await change(`${name}.json`, (manifest) => { manifest['migrations'] = ['0000-before'] })
    expect(await refusalOf()).toContain('older than the first version')
    await untouched()
  })
  test('one of another store, unless nothing is there yet', async () => {
    await using other = await openBackedUp()
    const foreign = await other.backUp()
    expect(await refusalOf({ name: foreign, folder: other.folder, identities: [other.identity] })).toContain('another store')
    await untouched()
  }, 60_000)
  test('an identity that is not its own, and a key-encryption key that is not its own', async () => {
    await freshCopy()
    expect(await refusalOf({ identities: [(await newIdentity(false)).identity] })).toContain('does not open the file')
    const key = join(made.server.configDirectory, 'sallyport.key')
    await rename(key, `${key}.away`)
    expect(await refusalOf()).toContain('is missing')
    expect(await stat(key).then(() => 'made', () => 'not made'), 'no new key is made for an old backup').toBe('not made')
    await writeFile(key, `${'ab'.repeat(32)}\n`, { mode: 0o600 })
    expect(await refusalOf()).toContain('beside this backup need key')
    await rename(`${key}.away`, key)
    await untouched()
  })
  test('while a server runs over the data', async () => {
    await freshCopy()
    await made.server.restart()
    expect(await refusalOf()).toContain('Another Sallyport uses')
    await made.server.sallyport.close()
    live = await digestOf(made.server.dataDirectory)
  })
  test('names and links that lead out of the folder', async () => {
    await freshCopy()
    const outside = join(made.server.configDirectory, 'outside.age')
    await cp(join(folder, `${name}.age`), outside)
    for (const file of ['../outside.age', outside, 'C:\\outside.age', '..\\outside.age', '．．／outside.age', `${name}.age\u0000`, '']) {
      await freshCopy()
      await change(`${name}.json`, (manifest) => { Object.assign(manifest['dump'] as object, { file }) })
      expect(await refusalOf(), file).toMatch(/^BackupRefused: /)
    }
    for (const strange of ['../copy/x', '/etc/passwd', `${name}/../${name}`, '']) expect(await refusalOf({ name: strange }), strange).not.toBe('restored')
    await freshCopy()
    await rm(join(folder, `${name}.age`))
    await symlink(outside, join(folder, `${name}.age`))
    expect(await refusalOf()).toMatch(/^BackupRefused: /)
    await rm(folder, { recursive: true })
    await mkdir(folder)
    expect(await refusalOf()).toContain('There is no backup')
    await untouched()
  })
})

test('a restore that is killed at any moment leaves the store as it was, or the restored one', async () => {
  await using made = await openBackedUp()
  const name = await made.backUp()
  const restoredRows = (await rowsOf(made.server))['conversation']?.length
  await made.owner.call('POST', '/api/v1/conversations', { title: 'Written after the backup' })
  await made.server.sallyport.close()
  const copy = join(made.server.configDirectory, 'live')
  await cp(made.server.dataDirectory, copy, { recursive: true, filter: (path) => !path.includes('/run/') })
  const outcomes: (number | undefined)[] = []
  for (let round = 0; round < KILLS; round += 1) {
    await rm(made.server.dataDirectory, { recursive: true })
    await cp(copy, made.server.dataDirectory, { recursive: true })
    const command = spawn(process.execPath, [join(import.meta.dirname, '../../../cli/src/main.ts'), 'backup', 'restore', name, '--identity', made.identityFile], {
      stdio: 'ignore', env: { PATH: process.env['PATH'], SALLYPORT_DATA_DIR: made.server.dataDirectory, SALLYPORT_CONFIG_DIR: made.server.configDirectory },
    })
    const ended = once(command, 'exit')
    // The last one is let go to its end: what is counted below is both.
    if (round < KILLS - 1) await Promise.race([ended, untilBegun(join(made.server.dataDirectory, 'run'), round * 40)])
    if (round < KILLS - 1) command.kill('SIGKILL')
    await ended
    const { database, directory } = await openStore(made.config)
    outcomes.push((await database.read.selectFrom('conversation').select('id').execute()).length)
    await database.close()
    directory.release()
  }
  const live = (restoredRows ?? 0) + 1
  expect(outcomes.every((count) => count === live || count === restoredRows), outcomes.join()).toBe(true)
  expect(outcomes.at(-1)).toBe(restoredRows)
  expect(outcomes[0]).toBe(live)
}, 120_000)

/** Waits until a restore has its scratch directory, and so many milliseconds more. */
async function untilBegun(run: string, more: number): Promise<void> {
  while (!(await readdir(run).catch(() => [])).some((entry) => entry.startsWith('restore-'))) await sleep(5)
  await sleep(more)
}

test('two servers that go on from one backup never seal under the same nonce', async () => {
  await using made = await openBackedUp()
  const name = await made.backUp()
  const noncesOf = async () => {
    const owner = await made.server.renew(made.owner)
    for (let index = 0; index < 20; index += 1) await owner.call('POST', '/api/v1/conversations', { title: `The same ${index}` })
    const rows = await made.server.sallyport.database.read.selectFrom('conversation').select('title_sealed').orderBy('id', 'desc').limit(20).execute()
    return rows.map((row) => Buffer.from(row.title_sealed).subarray(5, 17).toString('hex'))
  }
  const first = await noncesOf()
  await restoreAndStart(made, name)
  const second = await noncesOf()
  expect(new Set([...first, ...second]).size).toBe(40)
}, 60_000)

/** As an older version kept it: in clear. */
const NAME = 'Older Person'
test('an older backup is migrated in a scratch place, from the first schema on', async () => {
  const home = await mkdtemp(join(tmpdir(), 'sallyport-older-'))
  try {
    const config = loadConfig({}, { SALLYPORT_DATA_DIR: join(home, 'data'), SALLYPORT_CONFIG_DIR: join(home, 'config') })
    const file = { path: join(home, 'older.sqlite'), pageKey: randomBytes(32) }
    const vault = await keyVaults['key-file'].open({ path: config.keyFile }, { keyId: null, fetchConfigured: () => Promise.reject(new Error('A key file needs no network.')) })
    const wrap = async (owner: string) => ({ owner, version: 1, wrapped: await vault.wrap(randomBytes(32), `data-key ${owner} 1`) })
    const [serverKey, accountKey] = [await wrap('server'), await wrap('acc_1')]
    const filling = await openSqliteFill(file, '0001-foundation')
    const shapeOf = (table: string, columns: readonly string[]) => {
      const shape = filling.tables.find(({ name }) => name === table)
      return { name: table, columns: columns.map((name) => ({ name, kind: shape?.columns.find((column) => column.name === name)?.kind ?? 'text' as const })) }
    }
    await filling.insert(shapeOf('data_key', ['owner_id', 'version', 'wrapped', 'created_at']), [serverKey, accountKey].map(({ owner, version, wrapped }) => [owner, version, wrapped, 1]))
    const sealer = await sealerFrom(vault, 'acc_1', [accountKey])
    await filling.insert(shapeOf('account', ['id', 'email_sealed', 'email_lookup', 'name', 'role', 'password_hash', 'created_at']), [['acc_1', sealer.seal({ table: 'account', rowId: 'acc_1', column: 'email_sealed' }, 'old@example.org'), Buffer.from('x'), NAME, 'owner', '', 1]])
    await filling.finish()
    const { identity, recipient } = await newIdentity(false)
    const macKeys = (await sealerFrom(vault, 'server', [serverKey])).versionsFor(MANIFEST_MARK)
    const { manifest } = await makeBackup({
      store: openBackupStore(config).store, source: { dialect: 'sqlite', file }, storeId: 'older', vault: { kind: 'key-file', keyId: vault.keyId }, macKeys,
      staging: join(home, 'staging'), clock: systemClock, kept: { daily: 1, weekly: 1, monthly: 1 },
    }, { recipients: [recipient], onProgress: () => undefined, onRun: () => undefined, onRemove: () => Promise.resolve() })
    expect(manifest.migrations).toEqual(['0001-foundation'])
    expect((await restoreBackup(config, { name: manifest.name, identities: [identity] })).erased).toBe(0)
    const { database, directory, vault: reopened } = await openStore(config)
    try {
      const row = await database.read.selectFrom('account').selectAll().executeTakeFirstOrThrow()
      expect((await createKeyRing(database, reopened, systemClock).sealerOf('acc_1')).open({ table: 'account', rowId: 'acc_1', column: 'email_sealed' }, row.email_sealed)).toBe('old@example.org')
      const names = await createKeyRing(database, reopened, systemClock).sealerOf('acc_1')
      expect(names.open({ table: 'account', rowId: 'acc_1', column: 'name_sealed' }, row.name_sealed), 'what stood in clear was sealed').toBe(NAME)
      expect(JSON.stringify(await database.read.selectFrom('account').selectAll().execute())).not.toContain(NAME)
      expect(await database.read.selectFrom('backup_run').selectAll().execute(), 'a table of a later migration').toEqual([])
    } finally {
      await database.close()
      directory.release()
    }
  } finally {
    await rm(home, { recursive: true, force: true })
  }
}, 60_000)

/** One of many ways to damage a file, chosen by the round. */
function damage(bytes: Buffer, round: number): Buffer {
  const at = randomInt(bytes.length)
  const copy = Buffer.from(bytes)
  switch (Math.floor(round / 4) % 7) {
    case 0: case 1: copy.writeUInt8(copy.readUInt8(at) ^ (1 << randomInt(8)), at); return copy
    case 2: return copy.subarray(0, at)
    case 3: return Buffer.concat([copy.subarray(0, at), copy.subarray(Math.min(bytes.length, at + 1 + randomInt(64)))])
    case 4: return Buffer.concat([copy, copy.subarray(at)])
    case 5: {
      const half = Math.floor(bytes.length / 2)
      return Buffer.concat([copy.subarray(half), copy.subarray(0, half)])
    }
    default: return Buffer.concat([copy.subarray(0, at), Buffer.from([randomInt(256), randomInt(256), randomInt(256)]), copy.subarray(at)])
  }
}
