import { afterAll, beforeAll, expect, test } from 'vitest'
import { openTestServer, type Person, type TestServer } from '../../src/testing/server.ts'

let server: TestServer
let owner: Person
beforeAll(async () => {
  server = await openTestServer()
  owner = await server.setUpOwner()
  for (const vendor of ['openai', 'anthropic', 'gemini', 'ollama'] as const) await server.addVendor(owner, vendor)
})
afterAll(async () => { await server[Symbol.asyncDispose]() })

const nested = (depth: number, open: string, close: string) => `${open.repeat(depth)}1${close.repeat(depth)}`
const post = (path: string, body: string) => server.call('POST', path, { body, headers: { authorization: `Bearer ${owner.key}`, 'content-type': 'application/json' } })

test.each(['openai', 'anthropic', 'gemini', 'ollama'])('a tool\'s parameters that are nested without end are refused before anything is sent to %s', async (vendor) => {
  for (const depth of [200, 2_000, 200_000]) {
    const parameters = nested(depth, '{"a":', '}')
    const reply = await post('/v1/chat/completions', `{"model":"${vendor}/model-a","messages":[{"role":"user","content":"x"}],"tools":[{"type":"function","function":{"name":"f","parameters":${parameters}}}]}`)
    expect({ vendor, depth, status: reply.status, text: reply.status < 500 ? '' : reply.text.slice(0, 300) }).toEqual({ vendor, depth, status: 400, text: '' })
  }
})

test.each([['lists', '[', ']'], ['objects', '{"a":', '}']])('%s nested without end are refused wherever they stand', async (_, open, close) => {
  for (const body of [nested(400_000, open, close), `{"title":${nested(200, open, close)}}`, `{"title":"x","extra":${nested(200, open, close)}}`]) {
    const { status } = await post('/api/v1/conversations', body)
    expect([400, 413]).toContain(status)
  }
  expect((await post('/v1/chat/completions', `{"model":"openai/model-a","messages":${nested(300_000, open, close)}}`)).status).toBe(400)
  expect((await post('/v1/chat/completions', `{"model":"openai/model-a","messages":[{"role":"user","content":"x"}],"extra":${nested(500_000, open, close)}}`)).status).toBeLessThan(500)
  expect((await server.call('GET', '/healthz')).status).toBe(200)
})

test('brackets in a text are text, and an ordinary depth is none of our business', async () => {
  const content = '{[\\"'.repeat(500)
  expect((await post('/v1/chat/completions', JSON.stringify({ model: 'openai/model-a', messages: [{ role: 'user', content }] }))).status).toBe(200)
  const parameters = JSON.parse(nested(100, '{"properties":', '}')) as object
  expect((await post('/v1/chat/completions', JSON.stringify({ model: 'openai/model-a', messages: [{ role: 'user', content: 'x' }], tools: [{ type: 'function', function: { name: 'f', parameters } }] }))).status).toBe(200)
})
