import { operationIds, operations } from '@sallyport/contract'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openTestServer, type Person, type TestServer } from '../../src/testing/server.ts'
import { makeSample } from '../http/samples.ts'

let server: TestServer
let owner: Person
beforeAll(async () => {
  server = await openTestServer()
  owner = await server.setUpOwner()
})
afterAll(async () => { await server[Symbol.asyncDispose]() })

const origins: Readonly<Record<string, () => string | undefined>> = {
  'our own': () => server.url, 'absent': () => undefined, 'null': () => 'null', 'another site': () => 'https://evil.example', 'another port': () => 'http://127.0.0.1:1',
  'our name as a prefix': () => `${server.url}.evil.example`, 'our name as a user': () => `http://127.0.0.1:${server.port}@evil.example`, 'another name of this machine': () => `http://localhost:${server.port}`,
  'empty': () => '',
}
const sites = ['same-origin', 'same-site', 'cross-site', 'none', undefined, 'nonsense'] as const

/** What a browser may send: only our own page, or a person who typed the address, changes something. */
const isOurs = (origin: string, site: string | undefined) => origin === 'our own' ? site === 'same-origin' || site === 'none' || site === undefined : origin === 'absent' && (site === 'same-origin' || site === 'none')

describe.each(Object.entries(origins))('from an origin that is %s', (name, origin) => {
  test.each(sites)('with Sec-Fetch-Site %s', async (site) => {
    server.clock.advance(10_000)
    const before = await server.storedDigests()
    const reply = await server.call('POST', '/api/v1/conversations', { body: { title: 'Forged' }, headers: { cookie: owner.cookie, origin: origin(), 'sec-fetch-site': site } })
    if (isOurs(name, site)) { expect(reply.status).toBe(200); return }
    expect(reply.json).toMatchObject({ status: 403, code: 'cross-site' })
    expect(await server.storedDigests()).toEqual(before)
  })
})

describe.each(operationIds.filter((id) => operations[id].method !== 'GET'))('%s', (id) => {
  test('does nothing for another site that has the session\'s cookie, whatever form it sends', async () => {
    const { method, path, body } = await makeSample(id, { server, owner })
    const before = await server.storedDigests()
    const foreign = { cookie: owner.cookie, origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }
    for (const headers of [{}, { 'content-type': 'text/plain' }, { 'content-type': 'application/x-www-form-urlencoded' }, { 'content-type': 'multipart/form-data; boundary=x' }]) {
      server.clock.advance(15_000)
      const reply = await server.call(method, path, { body: body === undefined ? undefined : JSON.stringify(body), headers: { ...foreign, 'content-type': 'application/json', ...headers } })
      expect(reply.status).toBe(403)
    }
    expect(await server.storedDigests()).toEqual(before)
  })
})

test('signing in and setting up from another site is refused as well', async () => {
  for (const path of ['/api/v1/session', '/api/v1/setup']) {
    server.clock.advance(60_000)
    expect((await server.call('POST', path, { body: { email: 'a@b.ch', password: 'x' }, headers: { origin: 'https://evil.example' } })).json).toMatchObject({ code: 'cross-site' })
  }
})

test('nothing that changes something answers to GET or HEAD, or to a method override', async () => {
  const conversation = await owner.newConversation()
  const before = await server.storedDigests()
  for (const headers of [{ 'x-http-method-override': 'DELETE' }, { 'x-method-override': 'DELETE' }, { 'x-http-method': 'DELETE' }]) {
    server.clock.advance(15_000)
    expect((await server.call('GET', `/api/v1/conversations/${conversation}`, { headers: { cookie: owner.cookie, ...headers } })).status).toBe(200)
  }
  expect((await server.call('GET', `/api/v1/conversations/${conversation}?_method=DELETE`, { headers: { cookie: owner.cookie } })).status).toBe(400)
  expect(await server.storedDigests()).toEqual(before)
})

test('the cookie is bound to the host, hidden from scripts and never sent by other sites', async () => {
  server.clock.advance(60_000)
  const reply = await server.call('POST', '/api/v1/session', { body: { email: 'owner@example.org', password: 'four unrelated words here' }, headers: { origin: server.url } })
  // The session, and the browser that somebody signed in with before: neither is for scripts or for other sites.
  const attributes = 'Path=/; Secure; HttpOnly; SameSite=Strict'
  expect(reply.headers['set-cookie']).toMatch(new RegExp(`^${server.cookieName}=[\\w-]{43}; ${attributes}; Expires=[^;]+ GMT, ${server.cookieName}-device=[\\w-]{43}; ${attributes}; Max-Age=\\d+$`))
})
