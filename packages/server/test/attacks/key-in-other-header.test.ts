import { operationIds, operations } from '@sallyport/contract'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { SentHeaders } from '../../src/testing/http-client.ts'
import { openTestServer, type Person, type TestServer } from '../../src/testing/server.ts'
import { posture } from '../http/posture.ts'
import { makeSample } from '../http/samples.ts'

let server: TestServer
let owner: Person
let member: Person
beforeAll(async () => {
  server = await openTestServer()
  owner = await server.setUpOwner()
  member = await server.addAccount('member')
})
afterAll(async () => { await server[Symbol.asyncDispose]() })

const call = (path: string, headers: SentHeaders, method = 'GET') => {
  server.clock.advance(10_000)
  return server.call(method, path, { headers })
}
const CONVERSATIONS = '/api/v1/conversations'

/** Each way in which a key may be given, and the ways that look like one. */
const accepted: Readonly<Record<string, (key: string) => SentHeaders>> = {
  'Authorization: Bearer': (key) => ({ authorization: `Bearer ${key}` }),
  'Authorization: bearer': (key) => ({ authorization: `bearer ${key}` }),
  'X-API-Key': (key) => ({ 'x-api-key': key }),
  'both, the same key': (key) => ({ authorization: `Bearer ${key}`, 'x-api-key': key }),
}
const refused: Readonly<Record<string, (key: string) => SentHeaders>> = {
  'Authorization without a scheme': (key) => ({ authorization: key }),
  'Authorization: Token': (key) => ({ authorization: `Token ${key}` }),
  'Authorization: Basic': (key) => ({ authorization: `Basic ${Buffer.from(`:${key}`).toString('base64')}` }),
  'a key with something behind it': (key) => ({ authorization: `Bearer ${key} extra` }),
  'an empty bearer': () => ({ authorization: 'Bearer ' }),
  'X-API-Key twice': (key) => ({ 'x-api-key': [key, key] }),
  'Authorization twice': (key) => ({ authorization: [`Bearer ${key}`, `Bearer ${member.key}`] }),
  'two different keys': (key) => ({ authorization: `Bearer ${key}`, 'x-api-key': member.key }),
  'a good key and a bad one': (key) => ({ authorization: `Bearer ${key}`, 'x-api-key': 'slp_no' }),
  'Api-Key': (key) => ({ 'api-key': key }),
  'X-Auth-Token': (key) => ({ 'x-auth-token': key }),
  'X-Goog-Api-Key': (key) => ({ 'x-goog-api-key': key }),
  'Proxy-Authorization': (key) => ({ 'proxy-authorization': `Bearer ${key}` }),
  'a cookie': (key) => ({ cookie: `${server.cookieName}=${key}` }),
  'two session cookies': () => ({ cookie: `${member.cookie}; ${owner.cookie}` }),
}

test.each(Object.entries(accepted))('%s opens', async (_, headers) => {
  expect((await call(CONVERSATIONS, headers(owner.key))).status).toBe(200)
})
test.each(Object.entries(refused))('%s does not', async (_, headers) => {
  expect([400, 401]).toContain((await call(CONVERSATIONS, headers(owner.key))).status)
})
test.each(['api_key', 'key', 'token', 'access_token', 'x-api-key'])('a key in the address as ?%s= opens nothing', async (name) => {
  expect((await call(`${CONVERSATIONS}?${name}=${owner.key}`, {})).status).toBe(401)
})
test('a key in the body opens nothing', async () => {
  expect((await server.call('POST', CONVERSATIONS, { body: { api_key: owner.key } })).status).toBe(401)
})

describe.each(operationIds.filter((id) => !posture[id].byKey))('%s, which needs a person', (id) => {
  test('refuses a key however it is sent, also beside a session', async () => {
    owner = await server.renew(owner)
    const sample = await makeSample(id, { server, owner })
    const before = await server.storedDigests()
    for (const headers of Object.values(accepted)) {
      for (const [session, answer] of [[{}, { status: 403, code: 'not-allowed' }], [{ cookie: owner.cookie, origin: server.url }, { status: 401, code: 'not-signed-in' }]] as const) {
        server.clock.advance(10_000)
        const reply = await server.call(sample.method, sample.path, { body: sample.body, headers: { ...headers(owner.key), ...session } })
        expect(reply.json).toMatchObject(answer)
      }
    }
    expect(await server.storedDigests()).toEqual(before)
  })
})

test('whoever sends a key and a session is nobody: two credentials are not weighed against each other', async () => {
  for (const headers of Object.values(accepted)) {
    for (const cookie of [owner.cookie, member.cookie, `${server.cookieName}=${'A'.repeat(43)}`]) {
      expect((await call(operations.getSession.path, { ...headers(member.key), cookie })).status).toBe(401)
    }
  }
  expect((await call(operations.getSession.path, { 'x-api-key': member.key, cookie: 'theme=dark' })).json).toMatchObject({ account: { id: member.account.id } })
})
