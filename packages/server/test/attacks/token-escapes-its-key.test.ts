// Whoever has an API key trades it for an access token, and comes with that: past the key's rates, budget and caps, past its ban, and
// unseen by what looks for shared keys. The key has no limits of its own, so nothing else than its id tells whose the token is.
import { Conversation } from '@sallyport/contract'
import { afterEach, expect, test, vi } from 'vitest'
import * as z from 'zod'
import { openTestServer, type Person, type TestServer } from '../../src/testing/server.ts'

let server: TestServer | undefined
afterEach(async () => { await server?.[Symbol.asyncDispose](); server = undefined })

const open = async (rates: Readonly<Record<string, number>>, settings: Readonly<Record<string, string>> = {}) => {
  const at = server = await openTestServer({ settings: { ...settings, LIMITS_RATES: JSON.stringify({ 'turn-by-address': 1_000_000, token: 1_000, ...rates }) } })
  const owner = await at.setUpOwner()
  const member = await at.addAccount('member')
  return { at, owner, member }
}
const trade = (at: TestServer, { keyId, key }: Person) => at.call('POST', '/api/v1/auth/token', { body: { grant_type: 'client_credentials', client_id: keyId, client_secret: key } })
const tokenOf = async (at: TestServer, person: Person) => z.object({ access_token: z.string() }).parse((await trade(at, person)).json).access_token
/** Calls with the key's token. */
const byToken = (at: TestServer, token: string) => (method: string, path: string, body?: unknown) => at.call(method, path, { body, headers: { authorization: `Bearer ${token}` } })
const question = { text: 'Hello', model: 'sallyport/library' }

test('the rates of a key count what its tokens do, and each token of it', async () => {
  const { at, member } = await open({ 'turn-by-key': 3, 'conversation-by-key': 2 })
  const ask = async () => (await byToken(at, await tokenOf(at, member))('POST', '/api/v1/chat', question)).status
  expect((await member.program('POST', '/api/v1/chat', question)).status).toBe(200)
  expect([await ask(), await ask(), await ask()]).toEqual([200, 200, 429])
  const begin = byToken(at, await tokenOf(at, member))
  expect((await member.program('POST', '/api/v1/conversations', {})).status).toBe(200)
  expect([(await begin('POST', '/api/v1/conversations', {})).status, (await begin('POST', '/api/v1/conversations', {})).status]).toEqual([200, 429])
})

test('the budget of a key pays for what its tokens ask, and for nothing of another key', async () => {
  const { at, owner, member } = await open({})
  expect((await owner.call('PUT', '/api/v1/budgets', { scope: 'key', subject: member.keyId, period: 'day', unit: 'tokens', amount: 1_500 })).status).toBe(200)
  const ask = byToken(at, await tokenOf(at, member))
  const statuses = await Promise.all(Array.from({ length: 10 }, async () => (await ask('POST', '/api/v1/chat', question)).status))
  expect(statuses).toContain(402)
  const { items } = z.object({ items: z.array(z.object({ subject: z.string().nullable(), used: z.number() })) }).parse((await owner.call('GET', '/api/v1/budgets')).json)
  expect(items.find(({ subject }) => subject === member.keyId)?.used).toBeGreaterThan(0)
  const other = await at.renew(member)
  expect((await byToken(at, await tokenOf(at, other))('POST', '/api/v1/chat', question)).status).toBe(200)
})

test('the caps of a key hold for its tokens: what they open is ephemeral and among its fifty', async () => {
  const { at, member } = await open({}, { LIMITS_EPHEMERAL_BY_KEY: '2' })
  const begin = byToken(at, await tokenOf(at, member))
  expect(Conversation.parse((await begin('POST', '/api/v1/conversations', {})).json).ephemeral).toBe(true)
  expect((await member.program('POST', '/api/v1/conversations', {})).status).toBe(200)
  expect((await begin('POST', '/api/v1/conversations', {})).status).toBe(429)
})

test('a banned key gets no token, and those that it had open nothing; neither does one that goes over limits by its tokens alone', async () => {
  const { at, member } = await open({ 'turn-by-key': 1 }, { LIMITS_BAN_POINTS: '20' })
  const code = ({ json }: { readonly json: unknown }) => (json as { readonly code?: string } | null)?.code
  const token = await tokenOf(at, member)
  const ask = byToken(at, token)
  await vi.waitFor(async () => { expect(code(await ask('POST', '/api/v1/chat', question))).toBe('banned') }, { timeout: 10_000, interval: 1 })
  expect(code(await member.program('GET', '/api/v1/models'))).toBe('banned')
  const refused = await trade(at, member)
  expect([refused.status, code(refused), refused.headers['retry-after']]).toEqual([403, 'banned', '60'])
  expect(code(await at.call('POST', '/api/v1/auth/token', { body: { grant_type: 'client_credentials' }, headers: { authorization: `Bearer ${member.key}` } }))).toBe('banned')
  // Another key of the account goes on.
  expect((await trade(at, await at.renew(member))).status).toBe(200)
})

test('a banned account gets no token for any of its keys', async () => {
  const { at, member } = await open({}, { LIMITS_BAN_POINTS: '20' })
  const { penalties } = at.sallyport.domains
  for (let time = 0; time < 20; time += 1) penalties.note({ kind: 'account', id: member.account.id }, 'limit-reached')
  await vi.waitFor(async () => { expect((await trade(at, member)).status).toBe(403) }, { timeout: 10_000, interval: 1 })
})

test('a key whose tokens come from many networks is a shared key', async () => {
  const { at, member } = await open({})
  const token = await tokenOf(at, member)
  for (let network = 0; network < 12; network += 1) await at.call('GET', '/api/v1/models', { from: `127.1.${network}.1`, headers: { authorization: `Bearer ${token}` } })
  await at.sallyport.database.write([])
  expect(await at.sallyport.database.read.selectFrom('security_event').select('account_id').where('type', '=', 'key-sharing').execute()).toEqual([{ account_id: member.account.id }])
})
