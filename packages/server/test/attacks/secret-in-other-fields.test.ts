import { afterAll, beforeAll, expect, test } from 'vitest'
import { openTestServer, type Person, type TestServer } from '../../src/testing/server.ts'
import type { VendorServer } from '../../src/testing/vendor-server.ts'

/** Put together here, so that the source holds no key. */
const KEY = ['sk', 'proj', 'q7Yt2Wm9Lx4Rb8Nc3Vd6Kp1Hs5Jf0Gz2Ta7Ue4Qo9Xi3Cw'].join('-')
const EMAIL = 'ann.planted@example.org'

let server: TestServer
let owner: Person
let vendor: VendorServer
beforeAll(async () => {
  server = await openTestServer()
  owner = await server.setUpOwner()
  vendor = await server.addVendor(owner, 'openai', { script: { text: ['Yes.'] } })
})
afterAll(async () => { await server[Symbol.asyncDispose]() })

const user = (content: unknown) => ({ role: 'user', content })
const tool = (more: object) => [{ type: 'function', function: { name: 'f', parameters: { type: 'object', properties: {} }, ...more } }]
const places: Readonly<Record<string, (planted: string) => object>> = {
  'a question': (planted) => ({ messages: [user(planted)] }),
  'a part of a question': (planted) => ({ messages: [user([{ type: 'text', text: 'hello' }, { type: 'text', text: planted }])] }),
  'instructions': (planted) => ({ messages: [{ role: 'system', content: planted }, user('x')] }),
  'an earlier question': (planted) => ({ messages: [user(planted), { role: 'assistant', content: 'Yes.' }, user('x')] }),
  'an earlier answer': (planted) => ({ messages: [user('x'), { role: 'assistant', content: planted }, user('x')] }),
  'a tool\'s result': (planted) => ({ messages: [user('x'), { role: 'assistant', content: null, tool_calls: [{ id: 'c1', type: 'function', function: { name: 'f', arguments: '{}' } }] }, { role: 'tool', tool_call_id: 'c1', content: planted }] }),
  'a tool call\'s arguments': (planted) => ({ messages: [user('x'), { role: 'assistant', content: null, tool_calls: [{ id: 'c1', type: 'function', function: { name: 'f', arguments: JSON.stringify({ to: planted }) } }] }, { role: 'tool', tool_call_id: 'c1', content: 'done' }] }),
  'a field that is dropped': (planted) => ({ messages: [user('x')], metadata: { note: planted }, user: planted }),
  'a speaker\'s name': (planted) => ({ messages: [{ role: 'user', content: 'x', name: planted.slice(0, 60) }] }),
}
/** Texts of a program rather than of a person. A key has no business there either. */
const programs: Readonly<Record<string, (planted: string) => object>> = {
  'a tool\'s description': (planted) => ({ messages: [user('x')], tools: tool({ description: planted }) }),
  'a tool\'s parameters': (planted) => ({ messages: [user('x')], tools: tool({ parameters: { type: 'object', properties: { to: { type: 'string', description: planted, enum: [planted] } } } }) }),
  'an answer\'s schema': (planted) => ({ messages: [user('x')], response_format: { type: 'json_schema', json_schema: { name: 'a', description: planted, schema: { type: 'object', properties: { to: { const: planted } } } } } }),
  'a stop word': (planted) => ({ messages: [user('x')], stop: [planted] }),
}

test.each([...Object.entries(places), ...Object.entries(programs)])('a key and an address in %s do not reach the vendor', async (_, make) => {
  server.clock.advance(10_000)
  const asked = vendor.requests.length
  for (const planted of [`The key is ${KEY}.`, `Write to ${EMAIL}.`]) {
    const reply = await server.call('POST', '/v1/chat/completions', { headers: { authorization: `Bearer ${owner.key}` }, body: { model: 'openai/model-a', ...make(planted) } })
    expect(reply.status).toBe(200)
  }
  expect(vendor.requests.length).toBe(asked + 2)
  const sent = JSON.stringify(vendor.requests.slice(asked).map(({ body, path, headers }) => [body, path, headers]))
  for (const secret of [KEY.slice(8, 30), EMAIL]) expect(sent).not.toContain(secret)
})
