import { afterAll, beforeAll, expect, test } from 'vitest'
import { openTestServer, type Person, type TestServer } from '../../src/testing/server.ts'

let server: TestServer
let owner: Person
beforeAll(async () => {
  server = await openTestServer()
  owner = await server.setUpOwner()
  await server.addVendor(owner, 'openai')
})
afterAll(async () => { await server[Symbol.asyncDispose]() })

const HOSTILE = ['x\r\nSet-Cookie: a=b', 'x\nX-Injected: 1', 'x\u0000y', 'x\u2028y', '\u00e9\u4e16', 'a, b', 'x'.repeat(5_000), '<script>']

test.each(HOSTILE)('a field named %j stands in no header', async (name) => {
  const reply = await server.call('POST', '/v1/chat/completions', { headers: { authorization: `Bearer ${owner.key}` }, body: { model: 'openai/model-a', messages: [{ role: 'user', content: 'x' }], [name]: 1, harmless_extra: 1 } })
  expect(reply.status).toBe(200)
  expect(reply.headers['sallyport-ignored']).toBe('harmless_extra')
  expect(reply.headers).not.toHaveProperty('x-injected')
  expect(reply.headers).not.toHaveProperty('set-cookie')
})

test.each(HOSTILE)('a model, a name or a title of %j changes no header and no log line', async (text) => {
  server.clock.advance(10_000)
  const before = server.logs.length
  for (const reply of [
    await server.call('POST', '/v1/chat/completions', { headers: { authorization: `Bearer ${owner.key}` }, body: { model: text.slice(0, 200), messages: [{ role: 'user', content: 'x' }] } }),
    await owner.call('POST', '/api/v1/keys', { name: text.slice(0, 80) }),
    await owner.call('POST', '/api/v1/conversations', { title: text.slice(0, 100) }),
  ]) {
    expect(reply.status).toBeLessThan(500)
    expect(reply.headers).not.toHaveProperty('x-injected')
    expect(reply.headers).not.toHaveProperty('set-cookie')
  }
  expect(server.logs.slice(before).filter(({ level }) => level === 'error')).toEqual([])
})

test('an address with an encoded line break is one address', async () => {
  for (const path of ['/x%0d%0aSet-Cookie:%20a=b', '/api/v1/conversations/%0d%0aX-Injected:1', '/v1/models/%0aX-Injected:%201']) {
    const reply = await server.call('GET', path, { headers: { cookie: owner.cookie } })
    expect(reply.headers).not.toHaveProperty('x-injected')
    expect(reply.headers).not.toHaveProperty('set-cookie')
    expect([200, 400, 404]).toContain(reply.status)
  }
})
