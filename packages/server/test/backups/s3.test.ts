import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { BackupRefused, rehearseRestore, restoreBackup } from '../../src/ops/index.ts'
import { examine } from '../../src/ops/doctor/index.ts'
import { openObjectStore, type ObjectStore } from '../../src/testing/object-store.ts'
import { configOf, CREDENTIAL, openBackedUp, PLANTED, type BackedUp } from './support.ts'

const ACCESS = { accessKeyId: 'EXAMPLEACCESSKEY', secretAccessKey: 'a secret of the tests', region: 'eu-central-1', bucket: 'sallyport-backups' } as const

describe('backups in an S3-style store', () => {
  let service: ObjectStore
  let made: BackedUp
  let name: string
  let settings: Record<string, string>
  let home: string
  beforeAll(async () => {
    service = await openObjectStore(ACCESS)
    home = await mkdtemp(join(tmpdir(), 'sallyport-s3-'))
    for (const [file, secret] of [['id', ACCESS.accessKeyId], ['secret', ACCESS.secretAccessKey], ['wrong', 'another secret altogether']] as const) await writeFile(join(home, file), secret, { mode: 0o600 })
    settings = { BACKUP_KIND: 's3', BACKUP_S3_BUCKET: ACCESS.bucket, BACKUP_S3_REGION: ACCESS.region, BACKUP_S3_ADDRESS: service.url, BACKUP_S3_PREFIX: 'house', BACKUP_ALLOW_PRIVATE_ADDRESS: 'true', BACKUP_S3_ACCESS_KEY_ID: `file:${join(home, 'id')}`, BACKUP_S3_SECRET_ACCESS_KEY: `file:${join(home, 'secret')}` }
    made = await openBackedUp({ settings })
    name = await made.backUp()
  }, 60_000)
  afterAll(async () => {
    await made[Symbol.asyncDispose]()
    await service[Symbol.asyncDispose]()
    await rm(home, { recursive: true, force: true })
  })

  const environment = () => Object.fromEntries(Object.entries(settings).map(([key, value]) => [`SALLYPORT_${key}`, value]))
  const config = () => configOf(made.server, environment())
  const choice = () => ({ name, identities: [made.identity] })

  test('hold what a folder would, and nothing in clear', () => {
    expect([...service.objects.keys()].map((key) => key.replace(/keys-[0-9a-f]{16}/, 'keys-X')).toSorted()).toEqual([`house/${name}.age`, `house/${name}.json`, 'house/keys-X.age', 'house/keys.json'].toSorted())
    for (const bytes of service.objects.values()) for (const planted of [PLANTED, CREDENTIAL]) expect(bytes.includes(planted)).toBe(false)
  })

  test('are rehearsed from there, and seen by doctor', async () => {
    expect(await rehearseRestore(config(), choice())).toMatchObject({ name, erased: 0 })
    const places = { SALLYPORT_DATA_DIR: made.server.dataDirectory, SALLYPORT_CONFIG_DIR: made.server.configDirectory }
    const of = async (further: Record<string, string>) => (await examine({ ...places, ...environment(), ...further })).findings.filter(({ area }) => area === 'backups').map(({ health }) => health)
    expect(await of({})).toEqual(['good'])
    expect(await of({ SALLYPORT_BACKUP_S3_SECRET_ACCESS_KEY: `file:${join(home, 'wrong')}` })).toEqual(['problem'])
  }, 60_000)

  test('that were damaged there are refused, and a store that refuses says why', async () => {
    const key = `house/${name}.age`
    const whole = service.objects.get(key) ?? Buffer.alloc(0)
    const damaged = Buffer.from(whole)
    damaged[whole.byteLength >> 1] = (damaged[whole.byteLength >> 1] ?? 0) ^ 1
    service.objects.set(key, damaged)
    await expect(rehearseRestore(config(), choice())).rejects.toThrow(/is damaged: it is not the file that was stored/)
    service.objects.set(key, whole)
    service.mood = 'busy'
    await expect(rehearseRestore(config(), choice())).rejects.toThrow(BackupRefused)
    const begun = await made.owner.call('POST', '/api/v1/backups')
    expect(begun.status).toBe(503)
    expect(begun.json).toMatchObject({ code: 'storage-unavailable', detail: expect.stringMatching(/^The store of backups at .* does not answer/) as string })
    await made.server.sallyport.domains.backups.settled()
    expect(await made.server.sallyport.notices()).toEqual([expect.stringMatching(/does not answer/)])
    service.mood = 'well'
  }, 60_000)

  test('put a store back in the place of one that was lost', async () => {
    await made.server.sallyport.close()
    const restored = await restoreBackup(config(), choice())
    expect(restored).toMatchObject({ name, erased: 0 })
    expect(restored.former).not.toBeNull()
  }, 60_000)
})
