import { execFileSync, spawnSync } from 'node:child_process'
import { mkdir, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { zstdDecompressSync } from 'node:zlib'
import { BackupState } from '@sallyport/contract'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import * as z from 'zod'
import { newIdentity } from '../../src/domains/backups/index.ts'
import { rehearseRestore } from '../../src/ops/index.ts'
import { openTestServer } from '../../src/testing/server.ts'
import { CREDENTIAL, openBackedUp, PLANTED, rowsOf, type BackedUp } from './support.ts'

const hasAge = spawnSync('age', ['--version']).status === 0
const Table = z.object({ table: z.string(), columns: z.array(z.string()), kinds: z.array(z.string()) })

/** The rows of a logical dump by table, in the form in which `rowsOf` tells them. */
function rowsInDump(text: string): Record<string, string[]> {
  const rows: Record<string, string[]> = {}
  let shape: z.output<typeof Table> | null = null
  for (const line of text.trimEnd().split('\n')) {
    if (line.startsWith('{"table"')) { shape = Table.parse(JSON.parse(line)); rows[shape.table] = [] }
    if (!line.startsWith('[') || shape === null) continue
    const { columns, kinds, table } = shape
    const values = (JSON.parse(line) as unknown[]).map((value, index): [string, unknown] => [columns[index] ?? '', kinds[index] === 'bytes' && typeof value === 'string' ? Buffer.from(value, 'base64').toString('latin1') : value])
    rows[table]?.push(JSON.stringify(Object.fromEntries(values)))
  }
  return Object.fromEntries(Object.entries(rows).map(([table, lines]) => [table, lines.toSorted()]))
}

describe('a backup', () => {
  let made: BackedUp
  let name: string
  beforeAll(async () => {
    made = await openBackedUp()
    name = await made.backUp()
  })
  afterAll(async () => { await made[Symbol.asyncDispose]() })
  const everything = async () => Buffer.concat(await Promise.all((await readdir(made.folder)).map((file) => readFile(join(made.folder, file)))))
  /** What the operator sees who opens both files with the standard tools. */
  const opened = async () => Buffer.concat((await readdir(made.folder)).filter((file) => file.endsWith('.age')).map((file) => zstdDecompressSync(execFileSync('age', ['-d', '-i', made.identityFile, join(made.folder, file)], { maxBuffer: 1e9 }))))

  test.skipIf(!hasAge)('opens with the age of the system, and holds every row', async () => {
    const dump = execFileSync('age', ['-d', '-i', made.identityFile, join(made.folder, `${name}.age`)], { maxBuffer: 1e9 })
    const inDump = rowsInDump(zstdDecompressSync(dump).toString())
    // Sums that the engine keeps are counted again by a restore.
    const { data_key: keys, account_storage: _sums, ...live } = await rowsOf(made.server)
    expect(Object.keys(live).length).toBeGreaterThan(8)
    for (const [table, rows] of Object.entries(live)) expect(inDump[table], table).toEqual(rows)
    expect(keys?.length).toBeGreaterThan(1)
    expect(inDump).not.toHaveProperty('data_key')
    expect(inDump).not.toHaveProperty('session')
  })
  test.skipIf(!hasAge)('opens with the age of the system for nobody else', async () => {
    const stranger = join(made.server.configDirectory, 'stranger.txt')
    await writeFile(stranger, (await newIdentity(false)).identity.reveal(), { mode: 0o600 })
    expect(spawnSync('age', ['-d', '-i', stranger, join(made.folder, `${name}.age`)]).status).not.toBe(0)
  })
  test.skipIf(!hasAge)('holds no text that people wrote, not even when it is opened', async () => {
    const [sealed, open] = [await everything(), await opened()]
    expect(open.byteLength).toBeGreaterThan(10_000)
    for (const bytes of [sealed, open]) for (const form of [PLANTED, Buffer.from(PLANTED).toString('base64').slice(0, -4), 'owner@example.org', 'Olive Owner', 'argon2id', CREDENTIAL, made.owner.key, made.identity.reveal()]) expect(bytes.includes(form)).toBe(false)
    // The same search finds it where it is: in the answer of the API, and in text that a backup holds in clear.
    expect((await made.owner.call('GET', '/api/v1/conversations')).text).toContain(PLANTED)
    expect((await made.owner.call('GET', '/api/v1/accounts')).text).toContain('Olive Owner')
    expect(open.includes('http://127.0.0.1:9'), 'the provider is there, without its credential').toBe(true)
  })
  test.skipIf(!hasAge)('never holds the key-encryption key', async () => {
    const text = (await readFile(join(made.server.configDirectory, 'sallyport.key'), 'utf8')).trim()
    const raw = Buffer.from(text, 'hex')
    for (const bytes of [await everything(), await opened()]) for (const form of [text, raw, raw.toString('base64')]) expect(bytes.includes(form)).toBe(false)
    expect((await made.server.storedBytes()).includes(text)).toBe(true)
  })
  test('lies in files that its owner alone can read', async () => {
    expect((await stat(made.folder)).mode & 0o777).toBe(0o700)
    for (const file of await readdir(made.folder)) expect((await stat(join(made.folder, file))).mode & 0o777).toBe(0o600)
  })
  test('leaves nothing in the data directory', async () => {
    expect((await readdir(join(made.server.dataDirectory, 'run'))).filter((file) => !file.startsWith('lock'))).toEqual(['admin.sock'])
  })
  test('is found whole when checked, and damaged when a byte of it changed', async () => {
    const check = async () => (await made.owner.call('POST', `/api/v1/backups/${name}/check`)).json
    expect(await check()).toEqual({ ok: true, problem: null })
    const path = join(made.folder, `${name}.age`)
    const bytes = await readFile(path)
    bytes.writeUInt8(bytes.readUInt8(500) ^ 1, 500)
    await writeFile(path, bytes)
    expect(await check()).toMatchObject({ ok: false })
    bytes.writeUInt8(bytes.readUInt8(500) ^ 1, 500)
    await writeFile(path, bytes)
    expect(await check()).toEqual({ ok: true, problem: null })
  })
  test('keeps one copy of the wrapped keys, the newest', async () => {
    const keysBefore = (await readdir(made.folder)).filter((file) => file.startsWith('keys-'))
    await made.backUp()
    const keysAfter = (await readdir(made.folder)).filter((file) => file.startsWith('keys-'))
    expect(keysAfter).toHaveLength(1)
    expect(keysAfter).not.toEqual(keysBefore)
  })
  test('is told by name only: links and strange names in the folder are left alone', async () => {
    await symlink('/etc/hostname', join(made.folder, '20200101t000000z-aaaaaaaa.json'))
    await writeFile(join(made.folder, '..%2f..%2fstore.json'), '{}')
    await mkdir(join(made.folder, '20200101t000000z-bbbbbbbb.json'))
    const state = BackupState.parse((await made.owner.call('GET', '/api/v1/backups')).json)
    expect(state.items.map((item) => item.name).every((item) => !item.startsWith('2020'))).toBe(true)
    expect((await made.owner.call('POST', '/api/v1/backups/20200101t000000z-aaaaaaaa/check')).status).not.toBe(200)
    expect((await made.owner.call('POST', '/api/v1/backups/..%2F..%2Fstore/check')).status).toBe(400)
  })
})

test('nobody is backed up for before somebody is named who could open it, and a notice says so', async () => {
  await using server = await openTestServer()
  const owner = await server.setUpOwner()
  const state = BackupState.parse((await owner.call('GET', '/api/v1/backups')).json)
  expect(state.notice).toContain('backup init')
  expect(state.schedule.nextAt, 'nothing is due that cannot be made').toBeNull()
  expect(await server.sallyport.notices()).toEqual([state.notice])
  expect((await owner.call('POST', '/api/v1/backups')).status).toBe(409)
  expect((await owner.call('PUT', '/api/v1/backup-recipients', { recipients: [`age1${'q'.repeat(58)}`] })).status).toBe(400)
})

test('classical and post-quantum recipients do not stand side by side', async () => {
  await using server = await openTestServer()
  const owner = await server.setUpOwner()
  const [classical, quantum] = [await newIdentity(false), await newIdentity(true)]
  expect((await owner.call('PUT', '/api/v1/backup-recipients', { recipients: [classical.recipient, quantum.recipient] })).status).toBe(400)
  expect((await owner.call('PUT', '/api/v1/backup-recipients', { recipients: [quantum.recipient] })).status).toBe(200)
  await server.sallyport.domains.backups.runWhenDue()
  await server.sallyport.domains.backups.settled()
  expect(BackupState.parse((await owner.call('GET', '/api/v1/backups')).json).last?.outcome).toBe('made')
}, 60_000)

test('a backup is made when a day has passed, and not before; a failed one is tried again after an hour', async () => {
  await using made = await openBackedUp()
  const { backups } = made.server.sallyport.domains
  const run = async () => {
    await backups.runWhenDue()
    await backups.settled()
    return (await backups.list()).items.length
  }
  const lastAndNext = async () => {
    const { last, schedule } = await backups.list()
    return { last: Date.parse(last?.startedAt ?? ''), ended: Date.parse(last?.endedAt ?? ''), next: Date.parse(schedule.nextAt ?? '') }
  }
  expect(await run()).toBe(1)
  const first = await lastAndNext()
  expect(first.next - first.last, 'the list says when the next one is due').toBe(24 * 3_600_000)
  expect(await run()).toBe(1)
  expect((await backups.list()).schedule.isDue).toBe(false)
  made.server.clock.advance(25 * 3_600_000)
  expect((await backups.list()).schedule.isDue).toBe(true)
  expect(await run()).toBe(2)
  made.server.clock.advance(49 * 3_600_000)
  expect(await backups.notice()).toContain('The last good backup')
  const keysPath = join(made.folder, 'keys.json')
  await writeFile(keysPath, (await readFile(keysPath, 'utf8')).replace(/"storeId": "[^"]+"/, '"storeId": "another"'))
  expect(await run()).toBe(2)
  expect((await backups.list()).last?.outcome).toBe('failed')
  const failed = (await backups.list()).last?.endedAt
  const again = await lastAndNext()
  expect(again.next - again.ended).toBe(3_600_000)
  await run()
  expect((await backups.list()).last?.endedAt).toBe(failed)
  made.server.clock.advance(3_600_001)
  await run()
  expect((await backups.list()).last?.endedAt).not.toBe(failed)
}, 90_000)

test('a backup is made when a clock that was ahead is right again, and the one of that time is told of', async () => {
  await using made = await openBackedUp()
  const { clock, sallyport: { domains: { backups } } } = made.server
  clock.advance(400 * 86_400_000)
  await backups.runWhenDue()
  await backups.settled()
  const early = (await backups.list()).items
  expect(early).toHaveLength(1)
  clock.advance(-400 * 86_400_000)
  expect(await backups.notice()).toContain('No good backup is left')
  await backups.runWhenDue()
  await backups.settled()
  const { items, last, notice } = await backups.list()
  expect(items.map(({ problem }) => problem)).toEqual([expect.stringContaining('ahead of the clock'), null])
  expect(last).toMatchObject({ outcome: 'made', name: items[1]?.name })
  expect(notice).toContain(`The backup ${early[0]?.name} does not count: It is dated ahead of the clock`)
  // It may need keys that were retired since: no rotation destroys them.
  expect(await backups.hasFrom(1)).toBe(true)
  await backups.runWhenDue()
  await backups.settled()
  expect((await backups.list()).items, 'not one at every look').toHaveLength(2)
}, 90_000)

test('a manifest that this store did not mark counts for nothing', async () => {
  await using made = await openBackedUp()
  const { backups } = made.server.sallyport.domains
  const name = await made.backUp()
  const text = await readFile(join(made.folder, `${name}.json`), 'utf8')
  const forged = '20261101t000000z-00000000'
  await writeFile(join(made.folder, `${forged}.json`), text.replaceAll(name, forged).replace(/"madeAt": "[^"]*"/, '"madeAt": "2026-11-01T00:00:00.000Z"'))
  expect((await backups.list()).items.find((item) => item.name === forged)).toMatchObject({ problem: expect.stringContaining('not made by this store') })
  expect((await backups.kept()).map((kept) => kept.name)).toEqual([name])
  expect(await backups.hasFrom(Date.parse('2026-11-02T00:00:00Z'))).toBe(false)
}, 60_000)

test('a backup whose file is gone or of another size does not count, is told of, and is made up for', async () => {
  await using made = await openBackedUp()
  const { clock, sallyport: { domains: { backups } } } = made.server
  const name = await made.backUp()
  const path = join(made.folder, `${name}.age`)
  const whole = await readFile(path)
  await writeFile(path, whole.subarray(0, 1_000))
  expect((await backups.list()).items).toMatchObject([{ name, problem: expect.stringContaining('is damaged') }])
  await rm(path)
  expect(await backups.list()).toMatchObject({ items: [{ name, problem: expect.stringContaining('is missing') }], notice: expect.stringMatching(/^No good backup is left.*is missing/) })
  await backups.runWhenDue()
  await backups.settled()
  expect((await backups.list()).items, 'not at once').toHaveLength(1)
  clock.advance(3_600_001)
  await backups.runWhenDue()
  await backups.settled()
  expect((await backups.list()).items.map(({ problem }) => problem === null)).toEqual([true, false])
}, 90_000)

test('a damaged keys.json keeps no backup from being made: it is written anew, with a warning, and older backups open with it again', async () => {
  await using made = await openBackedUp()
  const { server, folder } = made
  const state = async () => BackupState.parse((await made.owner.call('GET', '/api/v1/backups')).json)
  const first = await made.backUp()
  // The control: nothing is said where nothing was wrong.
  expect((await state()).last?.problem).toBe('')
  for (const [wrong, text] of [['garbled', 'damaged'], ['empty', ''], ['cut', (await readFile(join(folder, 'keys.json'), 'utf8')).slice(0, -30)], ['names no keys', (await readFile(join(folder, 'keys.json'), 'utf8')).replace(/keys-[0-9a-f]{16}\.age/, 'other.age')]] as const) {
    await writeFile(join(folder, 'keys.json'), text)
    const name = await made.backUp()
    const { items, last, notice } = await state()
    expect(last, wrong).toMatchObject({ name, outcome: 'made', problem: expect.stringContaining('was damaged, and was written anew') })
    expect(notice, wrong).toContain('was damaged, and was written anew')
    expect(items.map(({ problem }) => problem), wrong).toEqual(items.map(() => null))
    expect(server.logs.filter(({ event }) => event === 'backup-warning').at(-1)?.fields).toMatchObject({ name })
  }
  expect((await readdir(folder)).filter((file) => file.startsWith('keys-')), 'former keys are gone').toHaveLength(1)
  const rehearsed = await rehearseRestore(made.config, { name: first, identities: [made.identity] })
  expect(rehearsed.opened).toBeGreaterThan(0)
  await made.backUp()
  expect((await state()).last?.problem).toBe('')
  // An erasure, which closes every backup, is not held up either.
  await writeFile(join(folder, 'keys.json'), 'damaged')
  expect(await server.sallyport.domains.backups.renewKeys()).not.toBeNull()
  expect((await state()).items.map(({ problem }) => problem).every((problem) => problem === null)).toBe(true)
}, 120_000)

test('a damaged keys.json is not written over where the folder may be another store\'s: the refusal says what to do', async () => {
  await using first = await openBackedUp()
  const name = await first.backUp()
  await using second = await openBackedUp({ settings: { BACKUP_DIRECTORY: first.folder } })
  await writeFile(join(first.folder, 'keys.json'), 'damaged')
  const before = (await readdir(first.folder)).toSorted()
  await expect(second.backUp()).rejects.toThrow(/keys\.json in the backup folder is damaged.*nothing was written over it.*backup\.directory.*move keys\.json out of the folder/)
  // Also where no manifest can be read that would say whose they are.
  await writeFile(join(first.folder, `${name}.json`), 'damaged')
  await expect(second.backUp()).rejects.toThrow('nothing was written over it')
  expect((await readdir(first.folder)).toSorted()).toEqual(before)
  // In a folder without any backup it is nobody's.
  for (const file of before) await rm(join(first.folder, file))
  await writeFile(join(first.folder, 'keys.json'), 'damaged')
  await second.backUp()
}, 120_000)

test('a folder that holds another store\'s backups is refused', async () => {
  await using first = await openBackedUp()
  await first.backUp()
  await using second = await openBackedUp({ settings: { BACKUP_DIRECTORY: first.folder } })
  await expect(second.backUp()).rejects.toThrow('another store')
  expect(await readdir(first.folder)).toHaveLength(4)
}, 60_000)
