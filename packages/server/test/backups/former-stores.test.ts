import { ErasureCertificate, ErasureCheck, FormerStoreList, FormerStoreRemoval } from '@sallyport/contract'
import { cp, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { composeFormerStores } from '../../src/compose/former-stores.ts'
import { openVault } from '../../src/compose/store.ts'
import { readStoreRecord } from '../../src/database/data-directory.ts'
import { openPostgres } from '../../src/database/postgres/open.ts'
import { examine } from '../../src/ops/doctor/index.ts'
import { restoreBackup } from '../../src/ops/backup/index.ts'
import { describeWith } from '../../src/testing/needs.ts'
import { createRoledDatabase, urlOf } from '../../src/testing/postgres.ts'
import { configOf, MODEL, openBackedUp, PLANTED, type BackedUp } from './support.ts'

const DAY = 86_400_000
const cleanings: (() => PromiseLike<void>)[] = []
afterEach(async () => { for (const clean of cleanings.splice(0).toReversed()) await clean() })

interface Engine { readonly name: string; open(): Promise<BackedUp & { readonly ownersConfig: BackedUp['config'] }> }
const sqlite: Engine = {
  name: 'sqlite',
  async open() {
    const made = await openBackedUp()
    cleanings.push(() => made[Symbol.asyncDispose]())
    return Object.assign(made, { ownersConfig: made.config })
  },
}
const postgres: Engine = {
  name: 'postgres',
  async open() {
    const database = await createRoledDatabase()
    cleanings.push(() => database[Symbol.asyncDispose]())
    await (await openPostgres(database.owner)).close()
    const made = await openBackedUp({ settings: { STORE_URL: urlOf(database.runTime) } })
    cleanings.push(() => made[Symbol.asyncDispose]())
    return Object.assign(made, { ownersConfig: configOf(made.server, { SALLYPORT_STORE_URL: urlOf(database.owner) }) })
  },
}

const checkOf = async (made: BackedUp, certificate: ErasureCertificate) => ErasureCheck.parse((await made.owner.call('POST', '/api/v1/erasures/verify', certificate)).json)
const listOf = async (made: BackedUp) => FormerStoreList.parse((await made.owner.call('GET', '/api/v1/former-stores')).json).items
const failing = ({ checks }: ErasureCheck) => checks.filter(({ ok }) => !ok).map(({ what }) => what)

/** Whoever has a key, and what is in clear of accounts, in the stores that lie aside: read as whoever has the key file reads them. */
async function inFormer(made: BackedUp & { readonly ownersConfig: BackedUp['config'] }) {
  const { vault, close } = await openVault(made.ownersConfig, await readStoreRecord(made.server.dataDirectory))
  const stores = composeFormerStores(made.ownersConfig, vault)
  const found = []
  for (const { name, laidAsideAt } of await stores.list()) {
    const store = await stores.open(name)
    if (store === null) continue
    found.push({ name, laidAsideAt, keys: (await store.read.selectFrom('data_key').select('owner_id').execute()).map(({ owner_id }) => owner_id), accounts: (await store.read.selectFrom('account').select('id').execute()).map(({ id }) => id), messages: (await store.read.selectFrom('message').select('account_id').execute()).map(({ account_id }) => account_id) })
    await store.close()
  }
  await close()
  return found
}

/** A store that was restored over, with somebody in both. */
async function restoredOver(engine: Engine) {
  const made = await engine.open()
  const person = await made.server.addAccount('somebody')
  await person.call('POST', `/api/v1/conversations/${await person.newConversation()}/turns`, { text: `${PLANTED} of somebody?`, model: MODEL })
  const name = await made.backUp()
  await made.server.sallyport.close()
  await restoreBackup(made.ownersConfig, { name, identities: [made.identity] })
  await made.server.restart()
  made.owner = await made.server.renew(made.owner)
  return { made, person, name }
}
const eraseSomebody = async (made: BackedUp, id: string) => ErasureCertificate.parse((await made.owner.call('DELETE', `/api/v1/accounts/${id}`)).json)

const rules = (engine: Engine) => {
  test('an erasure reaches into the store that a restore laid aside: no key and no row of the account is left there', async () => {
    const { made, person } = await restoredOver(engine)
    expect((await inFormer(made))[0]).toMatchObject({ keys: expect.arrayContaining([person.account.id]) as unknown, messages: expect.arrayContaining([person.account.id]) as unknown })
    const certificate = await eraseSomebody(made, person.account.id)
    const [former] = await inFormer(made)
    expect(certificate.formerStores).toMatchObject({ keptThen: [{ name: former?.name }] })
    expect(certificate.formerStores?.clearedAt).not.toBeNull()
    expect([...former?.keys ?? [], ...former?.accounts ?? [], ...former?.messages ?? []]).not.toContain(person.account.id)
    expect(former?.accounts, 'everybody else stays').toContain(made.owner.account.id)
    expect(await checkOf(made, certificate)).toMatchObject({ ok: true })
  }, 90_000)

  test('a restore from a copy of the folder from before an erasure undoes neither the erasure nor its proof', async () => {
    const made = await engine.open()
    const person = await made.server.addAccount('somebody')
    await person.call('POST', `/api/v1/conversations/${await person.newConversation()}/turns`, { text: `${PLANTED} of somebody?`, model: MODEL })
    const name = await made.backUp()
    const folder = join(made.server.configDirectory, 'former-backups')
    await cp(made.folder, folder, { recursive: true })
    const certificate = await eraseSomebody(made, person.account.id)
    await made.server.sallyport.close()
    const restored = await restoreBackup(made.ownersConfig, { name, folder, identities: [made.identity] })
    expect(restored).toMatchObject({ erased: 1, erasuresKnown: true })
    await made.server.restart()
    made.owner = await made.server.renew(made.owner)
    expect((await made.owner.call('GET', '/api/v1/accounts')).text).not.toContain('somebody')
    expect((await made.owner.call('GET', '/api/v1/erasures')).text).toContain(certificate.signature)
    expect(await checkOf(made, certificate)).toMatchObject({ ok: true })
    const told = await made.server.sallyport.database.read.selectFrom('audit_entry').select('detail').where('action', '=', 'erasure-carried-over').execute()
    expect(told.map(({ detail }) => detail).join()).toContain(certificate.id)
    expect((await made.owner.call('POST', '/api/v1/audit/verify')).json).toMatchObject({ ok: true })
  }, 90_000)

  test('a store that lay aside for as long as policy says is removed, or its keys are where the role may not', async () => {
    const { made } = await restoredOver(engine)
    const [former] = await inFormer(made)
    made.server.clock.advance((former?.laidAsideAt ?? 0) + 29 * DAY - made.server.clock.now())
    await made.server.sallyport.domains.expire()
    expect((await inFormer(made))[0]?.keys).not.toEqual([])
    made.server.clock.advance(DAY)
    await made.server.sallyport.domains.expire()
    expect((await inFormer(made)).flatMap(({ keys }) => keys)).toEqual([])
    const told = async () => (await made.server.sallyport.database.read.selectFrom('audit_entry').select('detail').where('action', '=', 'former-store-removed').execute()).length
    expect(await told()).toBe(1)
    await made.server.sallyport.domains.expire()
    expect(await told(), 'what is gone already is not told again').toBe(1)
  }, 90_000)

  test('administrators see what is kept in one and until when, and remove it sooner, with an entry in the audit log', async () => {
    const { made } = await restoredOver(engine)
    const [former] = await inFormer(made)
    const listed = await listOf(made)
    expect(listed).toMatchObject([{ name: former?.name, state: 'opens', holds: { accounts: former?.accounts.length, conversations: 2, documents: 1 } }])
    expect(Date.parse(listed[0]?.endsAt ?? '')).toBe((former?.laidAsideAt ?? 0) + 30 * DAY)
    const remove = (name: string) => made.owner.call('DELETE', `/api/v1/former-stores/${name}`)
    expect((await remove(former?.name.replace(/.{4}$/, '0000') ?? '')).status).toBe(404)
    expect((await remove('..')).status, 'a name is no path').not.toBe(200)
    expect((await inFormer(made))[0]?.keys).not.toEqual([])
    const removed = FormerStoreRemoval.parse((await remove(former?.name ?? '')).json)
    expect((await inFormer(made)).flatMap(({ keys }) => keys)).toEqual([])
    expect(await listOf(made)).toMatchObject(removed.outcome === 'removed' ? [] : [{ state: 'keys-destroyed', holds: null }])
    expect((await remove(former?.name ?? '')).status, 'nothing is removed twice').toBe(removed.outcome === 'removed' ? 404 : 409)
    expect(await made.server.sallyport.database.read.selectFrom('audit_entry').select('actor').where('action', '=', 'former-store-removed').execute()).toEqual([{ actor: made.owner.account.id }])
  }, 90_000)
}
describe('sqlite', () => {
  rules(sqlite)

  test('a former store that still has the account, or that does not open, is found out', async () => {
    const { made, person } = await restoredOver(sqlite)
    const [former] = await inFormer(made)
    const [folder, kept] = [join(made.server.dataDirectory, former?.name ?? ''), join(made.server.configDirectory, 'kept')]
    await cp(folder, kept, { recursive: true })
    const certificate = await eraseSomebody(made, person.account.id)
    await rm(folder, { recursive: true })
    await cp(kept, folder, { recursive: true })
    expect(failing(await checkOf(made, certificate))).toEqual(['former-stores'])
    await rm(join(folder, 'store.json'))
    expect(await listOf(made)).toMatchObject([{ state: 'closed', holds: null }])
    expect(failing(await checkOf(made, certificate)), 'it is not known').toEqual(['former-stores'])
    await rm(folder, { recursive: true })
    expect(await checkOf(made, certificate)).toMatchObject({ ok: true })
  }, 90_000)

  test('one that is damaged keeps no erasure from the others, and is shown, told of and removed', async () => {
    const { made, person } = await restoredOver(sqlite)
    const [former] = await inFormer(made)
    const path = (...names: readonly string[]) => join(made.server.dataDirectory, ...names)
    // Both come before the whole one.
    const [noRecord, noPages] = ['former-20000101000000000_0000', 'former-20000102000000000_0000']
    for (const name of [noRecord, noPages]) await cp(path(former?.name ?? ''), path(name), { recursive: true })
    await writeFile(path(noRecord, 'store.json'), 'what a failing disk left')
    for (const name of await readdir(path(noPages))) if (name.includes('sqlite')) await writeFile(path(noPages, name), 'what a failing disk left')
    const certificate = await eraseSomebody(made, person.account.id)
    expect((await inFormer(made)).find(({ name }) => name === former?.name)?.keys).not.toContain(person.account.id)
    expect(failing(await checkOf(made, certificate)), 'what they hold is not known').toEqual(['former-stores'])
    expect(await listOf(made)).toMatchObject([{ name: noRecord, state: 'closed' }, { name: noPages, state: 'closed' }, { name: former?.name, state: 'opens' }])
    for (const name of [noRecord, noPages]) expect((await made.owner.call('DELETE', `/api/v1/former-stores/${name}`)).status).toBe(200)
    expect(await checkOf(made, certificate)).toMatchObject({ ok: true })
  }, 90_000)

  test('what was put back from aside opens, without whoever was erased meanwhile', async () => {
    const { made, person } = await restoredOver(sqlite)
    await eraseSomebody(made, person.account.id)
    const [former] = await inFormer(made)
    await made.server.sallyport.close()
    const folder = join(made.server.dataDirectory, former?.name ?? '')
    for (const file of await readdir(folder)) await rename(join(folder, file), join(made.server.dataDirectory, file))
    await made.server.restart()
    const owner = await made.server.renew(made.owner)
    const listed = await owner.call('GET', '/api/v1/accounts')
    expect(listed.status).toBe(200)
    expect(listed.text).not.toContain('somebody')
    expect((await owner.call('GET', '/api/v1/conversations')).text).toContain(PLANTED)
  }, 90_000)

  test('over a store that does not open a restore goes on, and says that erasures in it are not known', async () => {
    const made = await sqlite.open()
    const name = await made.backUp()
    await made.server.sallyport.close()
    await writeFile(join(made.server.dataDirectory, 'sallyport.sqlite'), 'what a failing disk left')
    expect(await restoreBackup(made.config, { name, identities: [made.identity] })).toMatchObject({ erasuresKnown: false })
  }, 90_000)

  test('doctor tells of what lies aside, and until when', async () => {
    const { made } = await restoredOver(sqlite)
    const [former] = await inFormer(made)
    const { findings } = await examine({ SALLYPORT_DATA_DIR: made.server.dataDirectory, SALLYPORT_CONFIG_DIR: made.server.configDirectory })
    expect(findings.filter(({ area }) => area === 'former stores').map(({ found }) => found).join()).toContain(former?.name)
  }, 90_000)
})
describeWith('postgres', 'postgres', () => { rules(postgres) })
