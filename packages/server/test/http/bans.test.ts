import { Penalties, UsageReport, type Penalty } from '@sallyport/contract'
import { afterEach, expect, test, vi } from 'vitest'
import { obedient } from '../../src/policy/penalties.ts'
import { openTestServer, PASSWORD, type Person, type TestServer } from '../../src/testing/server.ts'

let server: TestServer | undefined
afterEach(async () => { await server?.[Symbol.asyncDispose](); server = undefined })

const BAN_POINTS = 40
const FAR = '127.0.0.9'
const open = async () => {
  server = await openTestServer({ settings: { LIMITS_RATES: JSON.stringify({ read: 10, 'turn-by-address': 1_000_000 }), LIMITS_BAN_POINTS: String(BAN_POINTS) } })
  server.clock.stop()
  return server
}
const bansOf = async (person: Person): Promise<readonly Penalty[]> => Penalties.parse((await person.call('GET', '/api/v1/bans')).json).items
const untilBanned = async (call: () => Promise<{ readonly status: number; readonly json: unknown }>) => vi.waitFor(async () => {
  const reply = await call()
  expect(reply.json).toMatchObject({ code: 'banned' })
  return reply
}, { timeout: 10_000, interval: 1 })

test('a program that goes on after 429 has fewer requests, then none for a while, is told why and until when; its owner goes on', async () => {
  const at = await open()
  const owner = await at.setUpOwner()
  const member = await at.addAccount('member')
  // Its own account's requests are counted with the key's: the owner looks instead.
  const read = () => member.program('GET', '/api/v1/models')
  for (let request = 0; request < 10 + BAN_POINTS / 4; request += 1) await read()
  const lowered = await read()
  expect(lowered.json).toMatchObject({ code: 'too-many-requests' })
  const refused = await untilBanned(read)
  expect(refused.status).toBe(403)
  expect(refused.json).toMatchObject({ retryAfterSeconds: 60, ban: expect.stringMatching(/^ban_/) as unknown, until: new Date(at.clock.now() + 60_000).toISOString() })
  expect((refused.json as { detail: string }).detail).toMatch(/^This API key is kept out until \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC: too many requests after a limit was reached\. Wait until then, or give an operator the id ban_/)
  expect((refused as { headers?: Readonly<Record<string, unknown>> }).headers?.['retry-after']).toBe('60')
  expect((await member.call('GET', '/api/v1/session')).status).not.toBe(403)
  expect(await bansOf(owner)).toMatchObject([{ kind: 'key', subject: member.keyId, name: 'test', step: 'banned', bans: 1 }])
  at.clock.advance(60_001)
  expect((await read()).json).not.toMatchObject({ code: 'banned' })
})

test('a ban holds on every entrance and over a restart, and an operator lifts it at once', async () => {
  const at = await open()
  const owner = await at.setUpOwner()
  const operator = await at.addAccount('operator', 'operator')
  const read = () => owner.program('GET', '/api/v1/models')
  for (let request = 0; request < 10; request += 1) await read()
  await untilBanned(read)
  await at.restart()
  for (const [method, path, body] of [['POST', '/v1/chat/completions', { model: 'sallyport/library', messages: [{ role: 'user', content: 'Hello' }] }], ['POST', '/api/v1/chat', { text: 'Hello' }], ['GET', '/api/v1/usage', undefined]] as const) {
    const { status, text } = await owner.program(method, path, body)
    expect([path, status, text.includes('kept out until')]).toEqual([path, 403, true])
  }
  const [ban] = await bansOf(operator)
  expect((await operator.call('DELETE', `/api/v1/bans/${ban?.id ?? ''}`)).status).toBe(204)
  expect((await read()).json).not.toMatchObject({ code: 'banned' })
  expect((await operator.call('DELETE', `/api/v1/bans/${ban?.id ?? ''}`)).status).toBe(404)
})

test('an address that guesses is kept out, files and health still answer it, and whoever proves who they are goes on from there', async () => {
  const at = await open()
  const owner = await at.setUpOwner()
  const guess = () => at.call('GET', '/api/v1/models', { from: FAR, headers: { authorization: 'Bearer slp_wrong' } })
  await untilBanned(guess)
  const statusOf = async (method: string, path: string, options: object = {}) => (await at.call(method, path, { from: FAR, ...options })).status
  expect(await statusOf('POST', '/api/v1/session', { body: { email: owner.account.email, password: PASSWORD }, headers: { origin: at.url } })).toBe(403)
  expect(await statusOf('GET', '/.well-known/jwks.json')).toBe(200)
  expect(await statusOf('GET', '/healthz')).toBe(200)
  expect(await statusOf('GET', '/api/v1/conversations', { headers: { cookie: owner.cookie } })).toBe(200)
  expect(await statusOf('GET', '/api/v1/models', { headers: { authorization: `Bearer ${owner.key}` } })).toBe(200)
  // Others are no worse off.
  expect(await statusOf('GET', '/api/v1/setup', { from: '127.0.0.10' })).toBe(200)
})

test('one who is slowed down sees by how much, why, and until when', async () => {
  const at = await open()
  await at.setUpOwner()
  const member = await at.addAccount('member')
  const read = () => member.call('GET', '/api/v1/models')
  for (let request = 0; request < 10 + obedient.waiting + BAN_POINTS / 4; request += 1) await read()
  const refused = await read()
  expect((refused.json as { detail: string }).detail).toContain('An account may make 5 reading requests a minute for now, and 10 again when earlier requests over its limits are forgiven.')
  expect(refused.headers['ratelimit-policy']).toBe('"read";q=5;w=60')
})

test('what is held against a caller is in its own report', async () => {
  const at = await open()
  const owner = await at.setUpOwner()
  for (let wrong = 0; wrong < BAN_POINTS / 4; wrong += 1) at.sallyport.domains.penalties.note({ kind: 'account', id: owner.account.id }, 'limit-reached')
  const { penalties, limits } = UsageReport.parse((await owner.call('GET', '/api/v1/usage')).json)
  expect(penalties).toMatchObject([{ kind: 'account', step: 'lowered', allowance: 0.5, why: 'too many requests after a limit was reached' }])
  expect(limits.find(({ name }) => name === 'read')).toMatchObject({ count: 5 })
})

test('the administration socket is never kept out', async () => {
  const at = await open()
  const owner = await at.setUpOwner()
  for (let wrong = 0; wrong < BAN_POINTS; wrong += 1) at.sallyport.domains.penalties.note({ kind: 'account', id: owner.account.id }, 'limit-reached')
  await untilBanned(() => owner.call('GET', '/api/v1/models'))
  const reply = await at.sallyport.apps.local.inject({ method: 'GET', url: '/api/v1/bans' })
  expect([reply.statusCode, Penalties.parse(reply.json()).items.map(({ subject }) => subject)]).toEqual([200, [owner.account.id]])
})
