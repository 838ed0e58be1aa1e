import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { openTestServer, type Person, type TestServer } from '../../src/testing/server.ts'
import type { VendorServer } from '../../src/testing/vendor-server.ts'

let server: TestServer
let owner: Person
let vendor: VendorServer
beforeAll(async () => {
  server = await openTestServer()
  owner = await server.setUpOwner()
  vendor = await server.addVendor(owner, 'openai', { script: ({ question }) => ({ text: [question] }) })
})
afterAll(async () => { await server[Symbol.asyncDispose]() })
afterEach(() => {
  for (const name of ['polluted', 'role', 'isAdmin', 'permissions']) expect({}).not.toHaveProperty(name)
  expect(Object.prototype.toString.call({})).toBe('[object Object]')
})

const POISON = ['{"__proto__":{"polluted":1}}', '{"constructor":{"prototype":{"polluted":1}}}', '{"a":{"__proto__":{"polluted":1}}}', '[{"__proto__":{"polluted":1}}]', '{"\\u005f_proto__":{"polluted":1}}']

test.each(POISON)('%s is refused in every body, also deep in the free parts of a gateway request', async (poison) => {
  const json = { 'content-type': 'application/json', authorization: `Bearer ${owner.key}` }
  expect((await server.call('POST', '/api/v1/conversations', { body: poison, headers: json })).status).toBe(400)
  const asked = vendor.requests.length
  const body = `{"model":"openai/model-a","messages":[{"role":"user","content":"x"}],"tools":[{"type":"function","function":{"name":"f","parameters":{"type":"object","properties":${poison}}}}]}`
  const reply = await server.call('POST', '/v1/chat/completions', { body, headers: json })
  // A list is no object of properties; all else must be refused for what it holds.
  expect([400]).toContain(reply.status)
  expect(vendor.requests.length).toBe(asked)
})

test('a body may talk about __proto__ as much as it likes', async () => {
  const text = 'What is {"__proto__": {"polluted": 1}} good for, and constructor.prototype?'
  expect((await owner.call('POST', '/api/v1/chat', { text, model: 'openai/model-a' })).json).toMatchObject({ answer: text })
})

test.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'valueOf'])('a thing that is called %s is just not there', async (name) => {
  server.clock.advance(10_000)
  for (const path of [`/api/v1/providers/${name}`, `/v1/models/${name}`, `/v1/models/${name}/model-a`, `/api/v1/conversations/${name}`, `/${name}.js`]) expect([400, 404, 405]).toContain((await owner.call('GET', path)).status)
  expect((await owner.call('PUT', '/api/v1/providers/one', { adapter: name, credential: 'a-credential-of-tests' })).status).toBe(400)
  expect((await owner.call('POST', '/api/v1/chat', { text: 'x', model: `${name}/model-a` })).status).toBe(404)
  expect((await server.call('GET', `/api/v1/conversations?${name}[polluted]=1`, { headers: { cookie: owner.cookie } })).status).toBe(400)
})
