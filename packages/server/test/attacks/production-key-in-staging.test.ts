import { ProviderCredential, ProviderCredentialList } from '@sallyport/contract'
import { afterEach, beforeEach, expect, test } from 'vitest'
import * as z from 'zod'
import { loadConfig } from '../../src/config/load.ts'
import { restoreBackup } from '../../src/ops/backup/index.ts'
import { startVendorServer, type VendorServer } from '../../src/testing/vendor-server.ts'
import { configOf, openBackedUp, type BackedUp } from '../backups/support.ts'

// The attack: a copy of a production server, such as a restored backup, is started for staging, where more people may come near it, and
// spends the production key, or is made to.

const [PRODUCTION, STANDBY, STAGING] = ['sk-production-key-of-a-test-1a', 'sk-production-standby-of-a-test-2b', 'sk-staging-key-of-a-test-3c']
const PATH = '/api/v1/providers/vendor'
const Providers = z.object({ environment: z.string(), items: z.array(z.object({ name: z.string(), heldBack: z.string().nullable() })) })

let made: BackedUp
let vendor: VendorServer
let taken: string = PRODUCTION
/** The provider, with a key in use and one that stands by, of a production server whose backup was restored. */
beforeEach(async () => {
  made = await openBackedUp()
  taken = PRODUCTION
  vendor = await startVendorServer('openai-compatible', { get credential() { return taken }, script: { text: ['Hello.'] } })
  expect((await made.owner.call('PUT', PATH, settings({ credential: PRODUCTION }))).status).toBe(200)
  taken = STANDBY
  expect((await made.owner.call('POST', `${PATH}/credentials`, { credential: STANDBY, environment: 'production' })).status).toBe(200)
  taken = PRODUCTION
  const name = await made.backUp()
  await made.server.sallyport.close()
  await restoreBackup(configOf(made.server), { name, identities: [made.identity] })
})
afterEach(async () => {
  await made[Symbol.asyncDispose]()
  await vendor.close()
})

const settings = (more: Readonly<Record<string, unknown>> = {}) => ({ adapter: 'openai-compatible', baseUrl: vendor.baseUrl, allowPrivateAddress: true, ...more })
async function startFor(environment: string): Promise<void> {
  await made.server.restart({ ENVIRONMENT: environment })
  made.owner = await made.server.renew(made.owner)
}
const ask = async () => {
  const reply = await made.owner.call('POST', `/api/v1/conversations/${await made.owner.newConversation()}/turns`, { text: 'Hello?', model: 'vendor/model-a' })
  return { status: reply.status, text: reply.text }
}
const keys = async () => ProviderCredentialList.parse((await made.owner.call('GET', `${PATH}/credentials`)).json).items

test('a restored production server that is started for staging sends no production key anywhere, and says why', async () => {
  const before = vendor.requests.length
  await startFor('staging')
  expect(Providers.parse((await made.owner.call('GET', '/api/v1/providers')).json)).toMatchObject({ environment: 'staging', items: expect.arrayContaining([expect.objectContaining({ name: 'vendor', heldBack: 'production' })]) as unknown })
  expect((await made.server.sallyport.notices()).join('\n')).toMatch(/vendor is not used: its key is for production, and this server is for staging/)
  expect(made.server.logs.map(({ event }) => event)).toContain('provider-held-back')
  const refused = await ask()
  expect(refused.status).toBe(409)
  expect(refused.text).toContain('is for production, and this server is for staging')
  expect((await made.owner.call('GET', '/api/v1/models')).text).not.toContain('vendor/')
  expect((await made.owner.program('POST', '/v1/chat/completions', { model: 'vendor/model-a', messages: [{ role: 'user', content: 'Hello?' }] })).status).toBe(409)

  const [standby, active] = await keys()
  expect((await made.owner.call('POST', `${PATH}/credentials/${standby?.id}/activate`)).status, 'the one that stands by').toBe(409)
  expect((await made.owner.call('DELETE', `${PATH}/credentials/${active?.id}`)).status, 'destroying the one in use does not let the other take over').toBe(409)
  expect((await made.owner.call('PUT', PATH, settings())).status, 'saved anew with the key that is there').toBe(409)
  expect((await made.owner.call('PUT', PATH, settings({ models: ['model-a'] }))).status, 'without asking for models').toBe(409)
  for (const environment of ['production', 'development']) {
    expect((await made.owner.call('POST', `${PATH}/credentials`, { credential: STAGING, environment })).status).toBe(400)
    expect((await made.owner.call('PUT', PATH, settings({ credential: STAGING, environment }))).status).toBe(400)
  }
  expect(vendor.requests.length, 'nothing went out').toBe(before)
}, 60_000)

test('a key for staging takes its place, and the production key neither takes over nor is put back', async () => {
  await startFor('staging')
  taken = STAGING
  const added = await made.owner.call('POST', `${PATH}/credentials`, { credential: STAGING, activate: true })
  expect(ProviderCredential.parse(added.json)).toMatchObject({ state: 'active', environment: 'staging' })
  expect((await ask()).status).toBe(200)
  // The provider refuses the staging key and would take the production one that stands by.
  taken = STANDBY
  expect((await ask()).status).toBe(502)
  const former = (await keys()).find(({ state }) => state === 'retiring')
  expect(former?.environment).toBe('production')
  expect((await made.owner.call('POST', `${PATH}/credentials/${former?.id}/activate`)).status).toBe(409)
  const sent = new Set(vendor.requests.slice(-3).map(({ headers }) => String(headers['authorization'])))
  expect([...sent].filter((value) => value.includes('production'))).toEqual([])
}, 60_000)

test('the same store started for production uses its keys as before', async () => {
  await startFor('production')
  expect((await ask()).status).toBe(200)
  expect((await made.server.sallyport.notices()).join('\n')).not.toContain('vendor')
}, 60_000)

test('a key of the configuration that is for something else stops the start', () => {
  const place = { OPENAI_API_KEY: '', SALLYPORT_CONFIG_DIR: made.server.configDirectory, SALLYPORT_DATA_DIR: made.server.dataDirectory, KEY_OF_TEST: 'sk-a-key-of-a-test-4d' }
  const load = (environment: string) => loadConfig({ 'providers.openai.adapter': 'openai', 'providers.openai.credential': 'env:KEY_OF_TEST', 'providers.openai.environment': 'production', environment }, place)
  expect(() => load('staging')).toThrow(/providers\.openai\.environment: This key is for production, and environment is staging\./)
  expect(load('production').environment).toBe('production')
  expect(() => load('qa')).toThrow(/environment/)
})
