import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { openTestServer, type Person, type TestServer } from '../../src/testing/server.ts'
import type { BadDay } from '../../src/testing/vendor-script.ts'
import type { VendorServer } from '../../src/testing/vendor-server.ts'

let server: TestServer
let owner: Person
let vendor: VendorServer
let day: BadDay | null = null
beforeAll(async () => {
  server = await openTestServer()
  owner = await server.setUpOwner()
  vendor = await server.addVendor(owner, 'openai', { day: () => day, script: { text: Array.from({ length: 100 }, () => 'a word, '.repeat(30)) } })
})
afterAll(async () => { await server[Symbol.asyncDispose]() })

const gateway = (stream: boolean) => server.call('POST', '/v1/chat/completions', { headers: { authorization: `Bearer ${owner.key}` }, body: { model: 'openai/model-a', stream, messages: [{ role: 'user', content: 'Go on.' }] } })

test.each(['endless', 'huge-frame'] as const)('on the day %s an answer is ended with the documented problem, and the vendor is left', async (bad) => {
  day = bad
  const whole = await gateway(false)
  expect(whole.json).toMatchObject({ error: { code: 'provider-error', message: expect.stringContaining('too long') } })
  expect(whole.status).toBe(502)
  const streamed = await gateway(true)
  expect(streamed.text.length).toBeLessThan(8_000_000)
  expect(streamed.text).toContain('provider-error')
  expect(streamed.text).not.toContain('[DONE]')
  const conversation = await owner.newConversation()
  const page = await server.call('POST', `/api/v1/conversations/${conversation}/turns`, { headers: { cookie: owner.cookie, origin: server.url, accept: 'text/event-stream' }, body: { text: 'Go on.', model: 'openai/model-a' } })
  expect(page.text).toMatch(/event: problem\ndata: [^\n]*provider-error/)
  const { items } = (await owner.call('GET', `/api/v1/conversations/${conversation}/messages`)).json as { items: { status: string; text: string }[] }
  expect(items[1]?.status).toBe('failed')
  expect(items[1]?.text.length).toBeLessThanOrEqual(1_000_000)
  await vi.waitFor(() => { expect(vendor.open().answers).toBe(0) }, { timeout: 1_000 })
  expect((await server.call('GET', '/healthz')).status).toBe(200)
}, 60_000)

test('an ordinary long answer comes whole', async () => {
  day = null
  expect((await gateway(true)).text).toMatch(/\[DONE\]\n\n$/)
})
