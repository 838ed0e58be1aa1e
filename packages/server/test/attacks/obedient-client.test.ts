// No attack: a program that waits as long as it is told each time, for hours. It is refused often and must never be banned for it, while one
// that does not wait is.
import { afterEach, expect, test, vi } from 'vitest'
import { openTestServer, type TestServer } from '../../src/testing/server.ts'

let server: TestServer | undefined
afterEach(async () => { await server?.[Symbol.asyncDispose](); server = undefined })

const open = async (rates: Readonly<Record<string, number>>, settings: Readonly<Record<string, string>> = {}) => {
  server = await openTestServer({ settings: { LIMITS_BAN_POINTS: '20', ...settings, LIMITS_RATES: JSON.stringify({ 'turn-by-address': 1_000_000, ...rates }) } })
  server.clock.stop()
  return server
}
const question = { text: 'Hello', model: 'sallyport/library' }

test('whoever waits for a rate as long as told is let in, costs no points, and goes on', async () => {
  const at = await open({ read: 10 })
  const member = await at.setUpOwner()
  let refused = 0
  for (let request = 0; request < 300; request += 1) {
    const reply = await member.program('GET', '/api/v1/models')
    if (reply.status === 200) continue
    expect(reply.status).toBe(429)
    refused += 1
    at.clock.advance(Number(reply.headers['retry-after']) * 1_000)
    expect((await member.program('GET', '/api/v1/models')).status).toBe(200)
  }
  expect(refused).toBeGreaterThan(20)
  expect(at.sallyport.domains.penalties.allowanceOf('key', member.keyId)).toBe(1)
})

test('whoever does not wait is banned', async () => {
  const at = await open({ read: 10 })
  const member = await at.setUpOwner()
  await vi.waitFor(async () => { expect((await member.program('GET', '/api/v1/models')).json).toMatchObject({ code: 'banned' }) }, { timeout: 20_000, interval: 1 })
})

test('a full cap costs nothing, and says when it ends only where waiting ends it', async () => {
  const at = await open({ 'conversation-by-key': 1_000 }, { LIMITS_CONVERSATION_MESSAGES: '10', LIMITS_EPHEMERAL_BY_KEY: '1', LIMITS_CONCURRENT_TURNS: '1', RESILIENCE_TOTAL_SECONDS: '60' })
  const member = await at.setUpOwner()
  const conversation = await member.newConversation()
  const ask = () => member.program('POST', `/api/v1/conversations/${conversation}/turns`, question)
  for (let time = 0; time < 5; time += 1) expect((await ask()).status).toBe(200)
  for (let time = 0; time < 30; time += 1) {
    const full = await ask()
    expect([full.status, full.headers['retry-after']]).toEqual([429, undefined])
  }
  expect((await member.program('POST', '/api/v1/conversations', {})).status).toBe(200)
  at.clock.advance(60_000)
  for (let time = 0; time < 30; time += 1) {
    const full = await member.program('POST', '/api/v1/conversations', {})
    // An hour and a half after its last change, when the job next looks.
    expect([full.status, full.headers['retry-after']]).toEqual([429, String(89 * 60 + 600)])
  }
  const gate = Promise.withResolvers<void>()
  await at.addVendor(member, 'openai', { gate: () => gate.promise })
  const running = at.begin('POST', '/api/v1/chat', { headers: { authorization: `Bearer ${member.key}`, accept: 'text/event-stream' }, body: { text: 'Hello', model: 'openai/model-a' } })
  await vi.waitFor(async () => { expect((await member.program('POST', '/api/v1/chat', question)).status).toBe(429) })
  at.clock.advance(20_000)
  for (let time = 0; time < 30; time += 1) {
    const busy = await member.program('POST', '/api/v1/chat', question)
    expect([busy.status, busy.headers['retry-after']]).toEqual([429, '40'])
  }
  expect(at.sallyport.domains.penalties.allowanceOf('key', member.keyId)).toBe(1)
  gate.resolve()
  await running.response
})
