import { operationIds, operations, ProviderName, type OperationId } from '@sallyport/contract'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import * as z from 'zod'
import { openTestServer, type Person, type TestServer } from '../../src/testing/server.ts'
import { makeSample } from './samples.ts'

let server: TestServer
let owner: Person
beforeAll(async () => {
  server = await openTestServer()
  owner = await server.setUpOwner()
})
afterAll(async () => { await server[Symbol.asyncDispose]() })

const call = (method: string, path: string, body?: unknown) => {
  server.clock.advance(15_000)
  return owner.call(method, path, body)
}
const isShown = (schema: z.ZodType) => schema instanceof z.ZodObject

const BAD_IDS = [
  'x', '0', '-1', 'null', 'undefined', '%00', 'con_', 'con_1', `con_${'0'.repeat(31)}`, `con_${'0'.repeat(33)}`, `con_${'G'.repeat(32)}`, `CON_${'0'.repeat(32)}`, `acc_${'0'.repeat(32)}`, `con-${'0'.repeat(32)}`,
  `con_${'0'.repeat(32)}%00`, `con_${'0'.repeat(32)}%0a`, `%20con_${'0'.repeat(32)}`, '..', '%2e%2e', '..%2f..%2fetc%2fpasswd', '%c0%ae', encodeURIComponent(`con_' or '1'='1`), encodeURIComponent(`'; drop table account; --`), encodeURIComponent('{"$ne":null}'),
  encodeURIComponent('${jndi:ldap://x}'), encodeURIComponent('👋🏽'), '*', '__proto__', 'constructor', 'x'.repeat(300), '0198c0de'.repeat(4),
]
/** Here a good id of nobody is answered like one of somebody whose glass nobody broke. */
const wellFormed = new Set<OperationId>(['listAccessedConversations', 'listAccessedMessages'])
const withId = operationIds.filter((id) => isShown(operations[id].params) && !operations[id].path.includes('*'))

describe.each(withId)('%s', (id: OperationId) => {
  test('refuses every malformed id, and stores nothing', async () => {
    const sample = await makeSample(id, { server, owner })
    const { path } = operations[id]
    const before = await server.storedDigests()
    // Providers have names and no numbers, so a few of these are good names.
    for (const bad of BAD_IDS.filter((text) => operations[id].path.includes('providers/:name') ? !ProviderName.safeParse(text).success : true)) {
      const reply = await call(sample.method, path.replace(/:\w+/, bad), sample.body)
      expect({ bad, status: reply.status }).toEqual({ bad, status: expect.toSatisfy((status: number) => [400, 404, 405].includes(status) || (status === 403 && wellFormed.has(id))) })
      expect(reply.text).not.toMatch(/sqlite|postgres|select |node_modules|\.ts:/i)
    }
    expect(await server.storedDigests()).toEqual(before)
  })
})

describe.each(operationIds.filter((id) => isShown(operations[id].query)))('%s', (id: OperationId) => {
  test('refuses every malformed query', async () => {
    const { path } = await makeSample(id, { server, owner })
    const bare = path.split('?', 1)[0] ?? ''
    for (const query of ['limit=0', 'limit=-1', 'limit=1000', 'limit=x', 'limit=1.5', 'limit=', 'limit=1&limit=2', 'limit[]=1', 'limit=NaN', 'limit=Infinity', 'before=x', 'before=', 'before[$gt]=1', `before=con_${'g'.repeat(32)}`, 'other=1', '__proto__=1', '__proto__[a]=1', 'constructor=1', 'limit=%00', 'account_id=1']) {
      const reply = await call('GET', `${bare}?${query}`)
      expect({ query, status: reply.status }).toEqual({ query, status: 400 })
      expect(reply.json).toMatchObject({ code: 'invalid-request', detail: expect.stringMatching(/\w/) })
    }
  })
})

test.each(operationIds.filter((id) => !isShown(operations[id].query) && id !== 'getPage' && !(operations[id].query instanceof z.ZodRecord) && operations[id].method === 'GET'))('%s takes no query', async (id) => {
  const { path } = await makeSample(id, { server, owner })
  expect((await call('GET', `${path}?surprise=1`)).status).toBe(400)
})

describe('whatever address is asked for', () => {
  test('is answered with a documented status, and the process lives', async () => {
    const segment = fc.oneof(fc.string({ maxLength: 12 }), fc.constantFrom('api', 'v1', 'conversations', 'turns', 'models', '..', '.', '%2e', '%2f', '%00', '%zz', '//', '*', ':id'))
    await fc.assert(fc.asyncProperty(fc.constantFrom('GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'), fc.array(segment, { maxLength: 5 }), fc.boolean(), async (method, segments, encoded) => {
      // What no client can put on the wire is encoded; the percent signs stay as they are.
      const path = `/${segments.map((text) => (encoded ? encodeURIComponent(text.toWellFormed()) : text.replaceAll(/[^\x21-\x7e]|[?#]/g, ''))).join('/')}`
      server.clock.advance(15_000)
      const { status } = await server.call(method, path, { headers: { cookie: owner.cookie, origin: server.url } })
      expect([200, 204, 400, 404, 405, 415, 421]).toContain(status)
    }), { numRuns: 200 })
    expect((await server.call('GET', '/healthz')).status).toBe(200)
  })

  test.each(['/../../etc/passwd', '/..%2f..%2fetc%2fpasswd', '/%2e%2e/%2e%2e/package.json', '/assets/../../../package.json', '/assets/..%5c..%5cpackage.json', '/assets/%00', '/.git/config', '/.env', '/package.json', '/node_modules/fastify/package.json', '/assets/', '//etc/passwd', '/index.html%00.js'])('%s gives no file', async (path) => {
    const { status, text } = await server.call('GET', path)
    expect(text).not.toMatch(/root:|"dependencies"|\[core\]/)
    expect([200, 400, 404]).toContain(status)
    if (status === 200) expect(text).toContain('<html')
  })
})
