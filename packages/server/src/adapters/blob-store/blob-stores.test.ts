import { randomBytes } from 'node:crypto'
import { mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { systemClock } from '../../kernel/clock.ts'
import { createEgress } from '../../kernel/egress.ts'
import { Secret } from '../../kernel/secret.ts'
import { defaultEgressRules } from '../../policy/egress.ts'
import { BlobStoreFailure, type BlobStore } from '../../ports/blob-store.ts'
import { openObjectStore, type ObjectStore } from '../../testing/object-store.ts'
import { blobStores } from './index.ts'

const ACCESS = { accessKeyId: 'EXAMPLEACCESSKEY', secretAccessKey: 'a secret of the tests', region: 'eu-central-1', bucket: 'sallyport-backups' } as const
/** More than two parts, and not a whole number of them. */
const LARGE = 20_000_001

let home: string
beforeEach(async () => { home = await mkdtemp(join(tmpdir(), 'sallyport-blobs-')) })
afterEach(async () => { await rm(home, { recursive: true, force: true }) })
const at = (name: string) => join(home, name)
async function file(bytes: Buffer): Promise<string> {
  const path = at(`file-${randomBytes(4).toString('hex')}`)
  await writeFile(path, bytes)
  return path
}

interface Opened extends AsyncDisposable { readonly store: BlobStore }
async function openS3(service: ObjectStore, secret: string = ACCESS.secretAccessKey): Promise<Opened> {
  const egress = createEgress({ clock: systemClock, rules: defaultEgressRules })
  egress.list('backups', { origin: new URL(service.url), allowPrivateAddress: true })
  const { accessKeyId, region, bucket } = ACCESS
  const store = blobStores.s3.create({ address: service.url, region, bucket, prefix: 'house/', accessKeyId: new Secret(accessKeyId), secretAccessKey: new Secret(secret), sessionToken: null }, { fetchConfigured: (request) => egress.fetchConfigured(request) })
  return { store, [Symbol.asyncDispose]: () => egress.close() }
}
const rigs = [
  { name: 'a folder', open: (): Promise<Opened> => Promise.resolve({ store: blobStores.folder.create({ path: at('folder') }), [Symbol.asyncDispose]: () => Promise.resolve() }) },
  {
    name: 'an S3-style store', open: async (): Promise<Opened> => {
      const service = await openObjectStore(ACCESS)
      // Not ours, and not under our prefix: neither is ever seen.
      service.objects.set('house/Not A Name', Buffer.from('x')).set('other/thing.age', Buffer.from('x'))
      const { store, ...own } = await openS3(service)
      return { store, [Symbol.asyncDispose]: async () => { await own[Symbol.asyncDispose](); await service[Symbol.asyncDispose]() } }
    },
  },
] as const

describe.each(rigs)('$name', ({ open }) => {
  test.each([0, 1, 8_388_608, LARGE])('gives back a file of %i bytes as it was, for this user alone', async (size) => {
    await using opened = await open()
    const bytes = randomBytes(size)
    await opened.store.put('one.age', await file(bytes))
    expect(await opened.store.get('one.age', at('back'), size)).toBe(true)
    expect((await readFile(at('back'))).equals(bytes)).toBe(true)
    if (process.platform !== 'win32') expect((await stat(at('back'))).mode & 0o777).toBe(0o600)
  }, 60_000)

  test('lists what is there, by name, however much it is, and nothing else', async () => {
    await using opened = await open()
    const { store } = opened
    expect(await store.list()).toEqual([])
    for (const name of ['d.age', 'b.json', 'a.age', 'c.age', 'e.age', 'f.age', 'g.age']) await store.put(name, await file(Buffer.from(name)))
    expect((await store.list()).map(({ name }) => name)).toEqual(['a.age', 'b.json', 'c.age', 'd.age', 'e.age', 'f.age', 'g.age'])
    expect((await store.list())[1]).toEqual({ name: 'b.json', bytes: 6 })
    await store.remove('b.json')
    await store.remove('b.json')
    expect((await store.list()).map(({ name }) => name)).not.toContain('b.json')
  })

  test('takes a new file in the place of the former, and gives nothing where there is none', async () => {
    await using opened = await open()
    await opened.store.put('one.age', await file(Buffer.from('former')))
    await opened.store.put('one.age', await file(Buffer.from('new')))
    expect(await opened.store.get('one.age', at('back'), 10)).toBe(true)
    expect(await readFile(at('back'), 'utf8')).toBe('new')
    expect(await opened.store.get('two.age', at('none'), 10)).toBe(false)
  })

  test('refuses a file that is larger than it may be, and leaves nothing behind', async () => {
    await using opened = await open()
    await opened.store.put('one.age', await file(randomBytes(100)))
    await expect(opened.store.get('one.age', at('back'), 99)).rejects.toThrow(/more than the 99/)
    await expect(stat(at('back'))).rejects.toThrow(/ENOENT/)
  })

  test.each(['../up.age', 'a/b.age', '.hidden', 'UP.age', 'a b.age', 'a', `${'a'.repeat(200)}.age`, 'a.age?uploads', 'a%2fb.age'])('knows no file called %s', async (name) => {
    await using opened = await open()
    const { store } = opened
    const path = await file(Buffer.from('x'))
    for (const run of [() => store.put(name, path), () => store.get(name, at('back'), 10), () => store.remove(name)]) await expect(Promise.resolve().then<unknown>(run)).rejects.toThrow(/no file of this store/)
  })
})

describe('an S3-style store on a bad day', () => {
  test('is asked again when it is busy', async () => {
    await using service = await openObjectStore(ACCESS)
    await using opened = await openS3(service)
    service.mood = 'busy-once'
    await opened.store.put('one.age', await file(Buffer.from('x')))
    expect(service.calls).toHaveLength(2)
    expect([...service.objects.keys()]).toEqual(['house/one.age'])
  })

  test('that stays busy, answers something else, or is not there is told of as such', async () => {
    const service = await openObjectStore(ACCESS)
    await using opened = await openS3(service)
    service.mood = 'busy'
    await expect(opened.store.list()).rejects.toThrow(/does not answer/)
    service.mood = 'garbled'
    await expect(opened.store.list()).rejects.toThrow(/no list of objects/)
    await expect(opened.store.put('one.age', await file(randomBytes(LARGE)))).rejects.toThrow(BlobStoreFailure)
    await service[Symbol.asyncDispose]()
    await expect(opened.store.list()).rejects.toThrow(BlobStoreFailure)
  }, 30_000)

  test('refuses a wrong key, a wrong bucket, and a request that was altered on its way', async () => {
    await using service = await openObjectStore(ACCESS)
    await using opened = await openS3(service, 'another secret altogether')
    const refusal: unknown = await opened.store.list().catch((error: unknown) => error)
    expect(String(refusal)).toMatch(/refuses \(SignatureDoesNotMatch\)/)
    expect(String(refusal)).not.toMatch(/another secret/)
    const egress = createEgress({ clock: systemClock, rules: defaultEgressRules })
    egress.list('backups', { origin: new URL(service.url), allowPrivateAddress: true })
    try {
      const settings = { address: service.url, region: ACCESS.region, bucket: 'another', prefix: '', accessKeyId: new Secret(ACCESS.accessKeyId), secretAccessKey: new Secret(ACCESS.secretAccessKey), sessionToken: null }
      await expect(blobStores.s3.create(settings, { fetchConfigured: (request) => egress.fetchConfigured(request) }).list()).rejects.toThrow(/There is no bucket another/)
      const altering = blobStores.s3.create({ ...settings, bucket: ACCESS.bucket }, { fetchConfigured: (request) => egress.fetchConfigured(request.body === undefined ? request : { ...request, body: Buffer.from(request.body).fill(1) }) })
      await expect(altering.put('one.age', await file(Buffer.from('xyz')))).rejects.toThrow(/SignatureDoesNotMatch/)
      expect(service.objects.size).toBe(0)
    } finally {
      await egress.close()
    }
  })

  test('that fails at the end of an upload in parts keeps nothing of it', async () => {
    await using service = await openObjectStore(ACCESS)
    await using opened = await openS3(service)
    service.mood = 'fails-at-the-end'
    await expect(opened.store.put('one.age', await file(randomBytes(LARGE)))).rejects.toThrow(/did not put the parts/)
    expect([service.objects.size, service.openUploads()]).toEqual([0, 0])
  }, 30_000)

  test('whose file changes while it is read gives neither version nor a mixture', async () => {
    await using service = await openObjectStore(ACCESS)
    await using opened = await openS3(service)
    await opened.store.put('one.age', await file(randomBytes(LARGE)))
    service.mood = 'changes-under-way'
    await expect(opened.store.get('one.age', at('back'), LARGE * 2)).rejects.toThrow(/PreconditionFailed/)
    await expect(stat(at('back'))).rejects.toThrow(/ENOENT/)
  }, 30_000)
})

test.skipIf(process.platform === 'win32')('a link in the folder is refused in words, and not followed', async () => {
  const folder = at('folder')
  const store = blobStores.folder.create({ path: folder })
  await store.put('first.age', await file(Buffer.from('bytes')))
  await symlink(join(folder, 'first.age'), join(folder, 'second.age'))
  await expect(store.get('second.age', at('copy'), 100)).rejects.toThrow(new BlobStoreFailure('second.age in the folder of the backups is a link, and links are not followed. Put the file itself there.'))
})
