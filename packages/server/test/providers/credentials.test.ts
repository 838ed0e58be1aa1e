import { Provider, ProviderCredential, ProviderCredentialList, Turn } from '@sallyport/contract'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import * as z from 'zod'
import { providerCredentials } from '../../src/policy/provider-credentials.ts'
import { openTestServer, type Person, type TestServer } from '../../src/testing/server.ts'
import { startVendorServer, type VendorServer } from '../../src/testing/vendor-server.ts'

const [FIRST, SECOND, THIRD] = ['sk-first-of-three-keys-1a', 'sk-second-of-three-keys-2b', 'sk-third-of-three-keys-3c']
const PATH = '/api/v1/providers/vendor/credentials'
const DAY = 86_400_000
let server: TestServer
let owner: Person
let vendor: VendorServer
/** The one key that the vendor takes at this moment. */
let taken = FIRST

beforeEach(async () => {
  taken = FIRST
  server = await openTestServer()
  owner = await server.setUpOwner()
  vendor = await startVendorServer('openai-compatible', { get credential() { return taken }, script: { text: ['Hello.'] } })
  const saved = await owner.call('PUT', '/api/v1/providers/vendor', { adapter: 'openai-compatible', baseUrl: vendor.baseUrl, credential: FIRST, allowPrivateAddress: true })
  expect(saved.status, saved.text).toBe(200)
})
afterEach(async () => {
  await server[Symbol.asyncDispose]()
  await vendor.close()
})

const list = async () => ProviderCredentialList.parse((await owner.call('GET', PATH)).json).items
const states = async () => (await list()).map(({ version, state }) => `${version} ${state}`)
/** Adds a key that the vendor takes while it is tried. */
async function add(credential: string, more: { readonly activate?: boolean; readonly expiresAt?: string } = {}) {
  const before = taken
  taken = credential
  const reply = await owner.call('POST', PATH, { credential, ...more })
  taken = before
  return reply
}
async function ask(): Promise<{ readonly status: number; readonly text: string }> {
  const reply = await owner.call('POST', `/api/v1/conversations/${await owner.newConversation()}/turns`, { text: 'Hello?', model: 'vendor/model-a' })
  return { status: reply.status, text: reply.status === 200 ? Turn.parse(reply.json).answer.text : reply.text }
}
const Providers = z.object({ items: z.array(Provider) })
const keyAdvice = async () => Providers.parse((await owner.call('GET', '/api/v1/providers')).json).items.find(({ name }) => name === 'vendor')?.keyAdvice
const events = async () => (await server.sallyport.database.read.selectFrom('security_event').select('detail').where('type', '=', 'provider-credential-rejected').execute()).map(({ detail }): unknown => JSON.parse(detail))
const sealed = async () => (await server.sallyport.database.read.selectFrom('provider_credential').select(['version', 'credential_sealed']).orderBy('version').execute()).filter((row) => row.credential_sealed !== null).map(({ version }) => version)

describe('the keys of a provider', () => {
  test('are replaced without a restart, and count what each was used for', async () => {
    expect(await states()).toEqual(['1 active'])
    expect((await ask()).text).toBe('Hello.')
    const added = await add(SECOND, { activate: true })
    expect(ProviderCredential.parse(added.json)).toMatchObject({ version: 2, state: 'active' })
    expect(await states()).toEqual(['2 active', '1 retiring'])
    expect((await ask()).status, 'the vendor takes the first one alone').toBe(502)
    taken = SECOND
    expect((await ask()).text).toBe('Hello.')
    const [second, first] = await list()
    expect(first).toMatchObject({ calls: 1, lastUsedAt: expect.any(String) })
    expect(second).toMatchObject({ calls: 2 })
    expect(second?.outputTokens).toBeGreaterThan(0)
    await server.restart()
    owner = await server.renew(owner)
    expect((await ask()).text).toBe('Hello.')
    expect(await states()).toEqual(['2 active', '1 retiring'])
  }, 30_000)

  test('fail over to the one that stands by when the provider refuses the active one, once for all calls, and it is told', async () => {
    await add(SECOND)
    await add(THIRD, { expiresAt: new Date(server.clock.now() + 60_000).toISOString() })
    server.clock.advance(61_000)
    expect(await states()).toEqual(['3 standby', '2 standby', '1 active'])
    taken = SECOND
    expect((await Promise.all(Array.from({ length: 12 }, () => ask()))).map(({ text }) => text)).toEqual(Array(12).fill('Hello.'))
    expect(await states(), 'the third has ended, and does not take over').toEqual(['3 standby', '2 active', '1 retiring'])
    expect((await list())[2]?.advice).toEqual([])
    expect((await list())[2]?.rejectedAt).not.toBeNull()
    expect(await events()).toEqual([{ provider: 'vendor', version: 1, standby: true }])
    const audited = await server.sallyport.database.read.selectFrom('audit_entry').select(['actor', 'action']).where('action', '=', 'provider-credential-failed-over').execute()
    expect(audited).toEqual([{ actor: 'server', action: 'provider-credential-failed-over' }])
  }, 30_000)

  test('say so once where none stands by, and go on with the same one when it is taken again', async () => {
    taken = SECOND
    expect((await ask()).status).toBe(502)
    expect((await ask()).status).toBe(502)
    expect(await events()).toEqual([{ provider: 'vendor', version: 1, standby: false }])
    expect((await list())[0]?.advice).toEqual(['rejected', 'no-standby'])
    taken = FIRST
    expect((await ask()).text).toBe('Hello.')
  }, 30_000)

  test('are tried before they are used: what the provider refuses, what is a placeholder, and what is there already is not added', async () => {
    const before = await server.storedDigests()
    expect((await owner.call('POST', PATH, { credential: SECOND })).status).toBe(502)
    for (const credential of ['your-api-key-goes-here', 'sk-xxxxxxxxxxxxxxxx', 'AKIAIOSFODNN7EXAMPLE', 'aaaaaaaaaaaaaaaa', 'sk-with a space-in-it', '<paste-it>', 'changeme-changeme', 'sk-1234567890abcdef1234567890abcdef']) expect((await owner.call('POST', PATH, { credential })).status, credential).toBe(400)
    expect((await owner.call('POST', PATH, { credential: FIRST })).status).toBe(409)
    expect((await owner.call('PUT', '/api/v1/providers/vendor', { adapter: 'openai-compatible', baseUrl: vendor.baseUrl, credential: 'your-api-key-goes-here', allowPrivateAddress: true })).status).toBe(400)
    const ended = await owner.call('POST', PATH, { credential: SECOND, expiresAt: '2020-01-01T00:00:00.000Z' })
    expect(ended.status).toBe(400)
    expect(ended.text).toContain('has ended already')
    expect(await server.storedDigests()).toEqual(before)
    const { id } = ProviderCredential.parse((await add(SECOND)).json)
    expect((await owner.call('POST', `${PATH}/${id}/activate`)).status, 'the vendor does not take it any more').toBe(502)
    expect(await states()).toEqual(['2 standby', '1 active'])
    taken = SECOND
    expect((await owner.call('POST', `${PATH}/${id}/activate`)).status).toBe(200)
    expect((await ask()).text).toBe('Hello.')
  }, 30_000)

  test('are destroyed when they are revoked; the active one goes where another takes over', async () => {
    const [{ id: first } = { id: '' }] = await list()
    expect((await owner.call('DELETE', `${PATH}/${first}`)).status).toBe(409)
    await add(SECOND)
    expect((await owner.call('DELETE', `${PATH}/${first}`)).status).toBe(204)
    expect(await states()).toEqual(['2 active', '1 revoked'])
    expect(await sealed()).toEqual([])
    taken = SECOND
    expect((await ask()).text).toBe('Hello.')
    expect((await owner.call('POST', `${PATH}/${first}/activate`)).status).toBe(409)
  }, 30_000)

  test('are told of when they are old: in the log, and beside the provider', async () => {
    server.clock.advance(31 * DAY)
    owner = await server.renew(owner)
    await server.sallyport.domains.models.remindRotation()
    await server.sallyport.domains.alerts.tell()
    expect(server.logs.filter(({ event, fields }) => event === 'security-event' && fields['type'] === 'provider-credential-old')).toHaveLength(1)
    expect(await keyAdvice()).toEqual(['rotate'])
    await add(SECOND, { activate: true })
    expect(await keyAdvice()).toEqual([])
  }, 30_000)

  test('are destroyed some days after they were replaced, and advised to be replaced in time', async () => {
    await add(SECOND, { activate: true })
    expect(await sealed()).toEqual([1])
    server.clock.advance(providerCredentials.retireDays * DAY + 1)
    await server.sallyport.domains.models.credentials.tidy()
    expect(await sealed()).toEqual([])
    server.clock.advance(providerCredentials.rotateAfterDays * DAY)
    owner = await server.renew(owner)
    expect((await list())[0]?.advice).toEqual(['rotate', 'no-standby'])
  }, 30_000)

  test('never go to another host: all are destroyed when the address changes', async () => {
    await add(SECOND)
    const other = await startVendorServer('openai-compatible', { credential: THIRD })
    const moved = await owner.call('PUT', '/api/v1/providers/vendor', { adapter: 'openai-compatible', baseUrl: other.baseUrl, credential: THIRD, allowPrivateAddress: true })
    expect(moved.status, moved.text).toBe(200)
    expect(await states()).toEqual(['3 active', '2 revoked', '1 revoked'])
    expect(await sealed()).toEqual([])
    expect(other.requests.map(({ headers }) => headers['authorization']).filter((value) => value !== `Bearer ${THIRD}`)).toEqual([])
    await other.close()
  }, 30_000)

  test('are in no answer, no row and no line of the log', async () => {
    const said = [await add(SECOND), await owner.call('GET', PATH), await add(THIRD, { activate: true })].map(({ text }) => text).join()
    taken = SECOND
    await ask()
    const everything = `${said}${JSON.stringify(server.logs)}${await server.storedRows()}`
    for (const key of [FIRST, SECOND, THIRD]) expect(everything).not.toContain(key)
  }, 30_000)

  test('of a provider from the configuration are changed there', async () => {
    expect((await owner.call('GET', '/api/v1/providers/sallyport/credentials')).status).toBe(409)
    expect((await owner.call('GET', '/api/v1/providers/nobody/credentials')).status).toBe(404)
  })
})
