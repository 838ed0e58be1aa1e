import { cp, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { BackupManifest, withMac } from '../../src/domains/backups/manifest.ts'
import { MANIFEST_MARK } from '../../src/domains/backups/index.ts'
import { writeManifest } from '../../src/domains/backups/set.ts'
import { SERVER_KEYS } from '../../src/domains/secrets/index.ts'
import { examine } from '../../src/ops/doctor/index.ts'
import { backupCheck } from '../../src/policy/retention.ts'
import { openObjectStore } from '../../src/testing/object-store.ts'
import { openBackedUp, type BackedUp } from './support.ts'

const HOUR = 3_600_000

/** A server whose own schedule makes no backup while a test lets days pass. */
const openKept = (settings: Readonly<Record<string, string>> = {}) => openBackedUp({ settings: { BACKUP_EVERY_HOURS: '168', ...settings } })

/** One bit in the middle is another: the size is as it was. */
function flipped(bytes: Buffer): Buffer {
  const other = Buffer.from(bytes)
  const middle = other.byteLength >> 1
  other.writeUInt8(other.readUInt8(middle) ^ 1, middle)
  return other
}
async function flipFile(path: string): Promise<void> { await writeFile(path, flipped(await readFile(path))) }

const listed = async ({ server }: BackedUp) => (await server.sallyport.domains.backups.list()).items
const problems = async (made: BackedUp) => Object.fromEntries((await listed(made)).map(({ name, problem }) => [name, problem]))
const events = async ({ server }: BackedUp) => (await server.sallyport.database.read.selectFrom('security_event').select(['severity', 'detail']).where('type', '=', 'backup-damaged').orderBy('id').execute()).map(({ severity, detail }) => ({ severity, ...JSON.parse(detail) as object }))
const looks = async ({ server }: BackedUp) => (await server.sallyport.database.read.selectFrom('audit_entry').select(['outcome', 'detail', 'actor']).where('action', '=', 'backup-checked').orderBy('sequence').execute()).map(({ outcome, detail, actor }) => ({ outcome, actor, ...JSON.parse(detail) as object }))
/** What the schedule does some hours later. */
async function later({ server }: BackedUp, hours: number): Promise<void> {
  server.clock.advance(hours * HOUR)
  await server.sallyport.domains.backups.recheckWhenDue()
}
const backUpAfter = async (made: BackedUp, hours: number) => { made.server.clock.advance(hours * HOUR); made.owner = await made.server.renew(made.owner); return made.backUp() }

describe('a kept backup', () => {
  test('is read again by schedule, the one first that nobody looked at for longest, and the list says when', async () => {
    await using made = await openKept()
    const names = [await made.backUp()]
    for (let day = 1; day < 3; day += 1) names.push(await backUpAfter(made, 25))
    expect((await listed(made)).map(({ checkedAt }) => checkedAt)).toEqual([null, null, null])
    for (let day = 0; day < 3; day += 1) {
      await later(made, 24)
      // Once a day, however often somebody asks.
      await later(made, 1)
      await later(made, 1)
    }
    expect(await looks(made)).toEqual(names.map((name) => ({ outcome: 'allowed', actor: 'server', name })))
    const [third, second, first] = (await listed(made)).map(({ checkedAt }) => Date.parse(checkedAt ?? ''))
    expect(third).toBeGreaterThan(second ?? Infinity)
    expect(second).toBeGreaterThan(first ?? Infinity)
    expect(await events(made)).toEqual([])
    await later(made, 24)
    expect((await looks(made)).at(-1)).toMatchObject({ name: names[0] })
  }, 60_000)

  test('of which a single bit changed, at the same size, is told of once, counts no more, and counts again when it was put right', async () => {
    await using made = await openKept()
    const [name, other] = [await made.backUp(), await backUpAfter(made, 25)]
    const path = join(made.folder, `${name}.age`)
    await flipFile(path)
    // From outside nothing is to be seen.
    expect(await problems(made)).toEqual({ [name]: null, [other]: null })
    for (let look = 0; look < 4; look += 1) await later(made, 24)
    expect(await problems(made)).toEqual({ [name]: expect.stringMatching(/is damaged: it is not the file that was stored/) as string, [other]: null })
    expect(await events(made)).toEqual([{ severity: 'high', backups: [{ name, problem: expect.stringMatching(/is damaged/) as string }] }])
    expect((await looks(made)).map(({ outcome }) => outcome)).toEqual(['failed', 'allowed', 'failed', 'allowed'])
    expect((await made.server.sallyport.domains.backups.notice())).toMatch(new RegExp(`The backup ${name} does not count: .* is damaged|The last good backup`))
    const doctor = async () => (await examine({ SALLYPORT_DATA_DIR: made.server.dataDirectory, SALLYPORT_CONFIG_DIR: made.server.configDirectory })).findings.filter(({ area, found }) => area === 'backups' && found.includes(name))
    expect(await doctor()).toEqual([expect.objectContaining({ health: 'problem', found: expect.stringMatching(/does not count: .* is damaged/) as string })])
    await flipFile(path)
    made.owner = await made.server.renew(made.owner)
    expect((await made.owner.call('POST', `/api/v1/backups/${name}/check`)).json).toEqual({ ok: true, problem: null })
    expect(await problems(made)).toEqual({ [name]: null, [other]: null })
    expect(await doctor()).toEqual([])
    await flipFile(path)
    for (let look = 0; look < 2; look += 1) await later(made, 24)
    expect(await events(made)).toHaveLength(2)
  }, 60_000)

  test('whose manifest cannot be read any more, whose keys are damaged, or which somebody took away, is told of', async () => {
    await using made = await openKept()
    const [cut, gone, whole] = [await made.backUp(), await backUpAfter(made, 25), await backUpAfter(made, 25)]
    await writeFile(join(made.folder, `${cut}.json`), (await readFile(join(made.folder, `${cut}.json`), 'utf8')).slice(0, -40))
    for (const file of [`${gone}.json`, `${gone}.age`]) await rm(join(made.folder, file))
    await later(made, 24)
    expect(await events(made)).toEqual([{ severity: 'high', backups: [{ name: cut, problem: 'Its manifest is damaged, or cannot be read.' }, { name: gone, problem: expect.stringMatching(/^It is gone/) as string }] }])
    expect(await problems(made)).toEqual({ [cut]: 'Its manifest is damaged, or cannot be read.', [whole]: null })
    await later(made, 24)
    expect(await events(made)).toHaveLength(1)
    await rename(join(made.folder, 'keys.json'), join(made.folder, 'keys.jsox'))
    await later(made, 24)
    expect((await events(made)).at(-1)).toMatchObject({ backups: [{ name: whole, problem: expect.stringMatching(/keys\.json.*are missing/) as string }] })
  }, 60_000)

  test.each<readonly [string, (folder: string, keysFile: string) => Promise<unknown>]>([
    ['were taken away', (folder, keysFile) => Promise.all([rm(join(folder, 'keys.json')), rm(join(folder, keysFile))])],
    ['have lost their file', (folder, keysFile) => rm(join(folder, keysFile))],
    ['are cut off', async (folder, keysFile) => writeFile(join(folder, keysFile), (await readFile(join(folder, keysFile))).subarray(0, -1))],
    ['are named by a file that was altered', async (folder) => writeFile(join(folder, 'keys.json'), (await readFile(join(folder, 'keys.json'), 'utf8')).replace('"madeAt": "2', '"madeAt": "1'))],
    ['are named by a file that cannot be read', (folder) => writeFile(join(folder, 'keys.json'), '{}')],
  ])('whose wrapped keys %s counts no more at once, in the list, the note and doctor, and counts again when they are put back', async (_, damage) => {
    await using made = await openKept()
    const name = await made.backUp()
    const keysFile = (await readdir(made.folder)).find((file) => /^keys-.*\.age$/.test(file)) ?? ''
    const doctor = async () => (await examine({ SALLYPORT_DATA_DIR: made.server.dataDirectory, SALLYPORT_CONFIG_DIR: made.server.configDirectory })).findings.filter(({ area, health }) => area === 'backups' && health === 'problem')
    expect(await doctor()).toEqual([])
    const copy = join(made.server.configDirectory, 'copy')
    await cp(made.folder, copy, { recursive: true })
    await damage(made.folder, keysFile)
    expect(await problems(made)).toEqual({ [name]: expect.stringMatching(/keys/) as string })
    expect(await made.server.sallyport.domains.backups.notice()).toMatch(/No good backup is left/)
    expect((await doctor()).map(({ found }) => found)).toEqual([expect.stringMatching(new RegExp(`${name} does not count: .*keys`)), expect.stringMatching(/No good backup of this store is left/)])
    await cp(copy, made.folder, { recursive: true })
    expect(await problems(made)).toEqual({ [name]: null })
    expect(await doctor()).toEqual([])
  }, 60_000)

  test('that retention removed is missed by nobody', async () => {
    await using made = await openKept({ BACKUP_KEEP_DAILY: '1', BACKUP_KEEP_WEEKLY: '1', BACKUP_KEEP_MONTHLY: '1' })
    const names = [await made.backUp()]
    for (let day = 0; day < 3; day += 1) names.push(await backUpAfter(made, 49))
    const kept = (await listed(made)).map(({ name }) => name)
    expect(kept.length).toBeLessThan(names.length)
    await later(made, 24)
    expect(await events(made)).toEqual([])
    const known = await made.server.sallyport.database.read.selectFrom('backup_check').select('name').execute()
    expect(known.map(({ name }) => name).toSorted()).toEqual(kept.toSorted())
  }, 60_000)

  test('has its turn within a month, however many there are, also those that were there before anybody kept a list', async () => {
    await using made = await openKept({ BACKUP_KEEP_DAILY: '366' })
    const name = await made.backUp()
    const { database, domains } = made.server.sallyport
    const { mac: _mac, ...manifest } = BackupManifest.parse(JSON.parse(await readFile(join(made.folder, `${name}.json`), 'utf8')))
    const keys = (await domains.keyRing.sealerOf(SERVER_KEYS)).versionsFor(MANIFEST_MARK)
    const begun = made.server.clock.now()
    for (let index = 0; index < 31; index += 1) {
      const copy = `${name.slice(0, -8)}${index.toString(16).padStart(8, '0')}`
      await cp(join(made.folder, `${name}.age`), join(made.folder, `${copy}.age`))
      await writeFile(join(made.folder, `${copy}.json`), writeManifest(withMac({ ...manifest, name: copy, madeAt: new Date(begun - (index + 1) * 24 * HOUR).toISOString(), dump: { ...manifest.dump, file: `${copy}.age` } }, keys)), { mode: 0o600 })
    }
    await database.write([{ query: database.read.deleteFrom('backup_check').compile() }])
    for (let hours = 0; hours < backupCheck.withinDays * 24; hours += 1) await later(made, 1)
    // The server's own schedule may have made another one meanwhile.
    const items = (await listed(made)).filter(({ madeAt }) => Date.parse(madeAt) <= begun)
    expect(items).toHaveLength(32)
    for (const item of items) expect(Date.parse(item.checkedAt ?? '')).toBeGreaterThan(begun)
    expect(await events(made)).toEqual([])
    // All were read, and not all at once.
    expect((await looks(made)).length).toBeLessThan(45)
  }, 120_000)

  test('in an S3-style store is read again as well; while the store does not answer, nothing is said of it', async () => {
    const access = { accessKeyId: 'EXAMPLEACCESSKEY', secretAccessKey: 'a secret of the tests', region: 'eu-central-1', bucket: 'sallyport-backups' } as const
    await using service = await openObjectStore(access)
    const home = await mkdtemp(join(tmpdir(), 'sallyport-recheck-'))
    for (const [file, secret] of [['id', access.accessKeyId], ['secret', access.secretAccessKey]] as const) await writeFile(join(home, file), secret, { mode: 0o600 })
    await using made = await openKept({ BACKUP_KIND: 's3', BACKUP_S3_BUCKET: access.bucket, BACKUP_S3_REGION: access.region, BACKUP_S3_ADDRESS: service.url, BACKUP_ALLOW_PRIVATE_ADDRESS: 'true', BACKUP_S3_ACCESS_KEY_ID: `file:${join(home, 'id')}`, BACKUP_S3_SECRET_ACCESS_KEY: `file:${join(home, 'secret')}` })
    const name = await made.backUp()
    await later(made, 24)
    expect(await looks(made)).toEqual([{ outcome: 'allowed', actor: 'server', name }])
    const [key, whole] = [...service.objects].find(([each]) => each.endsWith(`${name}.age`)) ?? ['', Buffer.alloc(0)]
    service.objects.set(key, flipped(whole))
    service.mood = 'busy'
    await expect(later(made, 24)).rejects.toThrow(/does not answer/)
    expect([await events(made), (await looks(made)).length]).toEqual([[], 1])
    service.mood = 'well'
    await later(made, 0)
    expect(await events(made)).toMatchObject([{ severity: 'high', backups: [{ name }] }])
    expect(await problems(made)).toEqual({ [name]: expect.stringMatching(/is damaged/) as string })
    await rm(home, { recursive: true })
  }, 60_000)
})
