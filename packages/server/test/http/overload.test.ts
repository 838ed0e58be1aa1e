import { afterEach, expect, test, vi } from 'vitest'
import { openTestServer, PASSWORD, type TestServer } from '../../src/testing/server.ts'

let server: TestServer | undefined
afterEach(async () => { await server?.[Symbol.asyncDispose](); server = undefined })

async function textOf(response: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of response) chunks.push(chunk)
  return Buffer.concat(chunks).toString('utf8')
}

/** Keeps the event loop of the server, which is this one, from everything else. */
const block = (milliseconds: number) => { const until = performance.now() + milliseconds; while (performance.now() < until) { /* busy */ } }

test('too busy, it refuses new questions and the anonymous with 503 and Retry-After, while sign-in, health and running streams go on; then it recovers', { timeout: 60_000 }, async () => {
  const at = server = await openTestServer({ settings: { LOAD_LOOP_DELAY_MILLISECONDS: '200' } })
  const owner = await at.setUpOwner()
  const words = Array.from({ length: 60 }, (_, index) => `word ${index} `)
  await at.addVendor(owner, 'openai', { script: ({ question }) => ({ text: question === 'long' ? words : ['Yes.'] }), paceMilliseconds: 50 })
  const ask = (content: string) => at.call('POST', '/v1/chat/completions', { headers: { authorization: `Bearer ${owner.key}` }, body: { model: 'openai/model-a', messages: [{ role: 'user', content }] } })
  const running = await vi.waitFor(async () => {
    const response = await at.begin('POST', '/v1/chat/completions', { headers: { authorization: `Bearer ${owner.key}` }, body: { model: 'openai/model-a', stream: true, messages: [{ role: 'user', content: 'long' }] } }).response
    if (response.statusCode !== 200) throw new Error('A server that has only just started may be busy with that.')
    // A promise in an object is handed on, and not waited for.
    return { text: textOf(response) }
  }, { timeout: 20_000, interval: 500 })
  await vi.waitFor(async () => {
    block(700)
    const refused = await ask('short')
    expect([refused.status, refused.json]).toEqual([503, expect.objectContaining({ error: expect.objectContaining({ code: 'overloaded' }) as unknown })])
    expect(Number(refused.headers['retry-after'])).toBeGreaterThanOrEqual(2)
  }, { timeout: 20_000, interval: 200 })
  block(500)
  const statuses = await Promise.all([
    at.call('GET', '/healthz'), at.call('GET', '/readyz'), at.call('GET', '/api/v1/setup'),
    at.call('POST', '/api/v1/session', { headers: { origin: at.url }, body: { email: owner.account.email, password: PASSWORD } }),
    owner.call('GET', '/api/v1/conversations'), at.call('POST', '/api/v1/password-strength', { headers: { origin: at.url }, body: { password: 'a' } }),
  ])
  expect(statuses.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 503])
  const text = await running.text
  const said = [...text.matchAll(/"content":"([^"]*)"/g)].map(([, piece]) => piece).join('')
  expect([said, text.endsWith('data: [DONE]\n\n')]).toEqual([words.join(''), true])
  expect(at.logs.map(({ event }) => event)).toContain('load-shed')
  await vi.waitFor(async () => { expect((await ask('short')).status).toBe(200) }, { timeout: 20_000, interval: 100 })
})

test('without memory left it refuses, over the administration socket it answers', async () => {
  const at = server = await openTestServer({ settings: { LOAD_MEMORY_MEGABYTES: '1' } })
  const owner = await at.setUpOwner()
  await vi.waitFor(async () => { expect((await owner.program('POST', '/api/v1/chat', { text: 'Hello' })).status).toBe(503) }, { timeout: 10_000, interval: 50 })
  expect((await owner.call('GET', '/api/v1/usage')).status).toBe(200)
  const reply = await at.sallyport.apps.local.inject({ method: 'POST', url: '/api/v1/chat', payload: { text: 'Hello' } })
  expect(reply.statusCode).toBe(200)
})
