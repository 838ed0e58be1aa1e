import { afterAll, beforeAll, expect, test } from 'vitest'
import { openTestServer, type Person, type TestServer } from '../../src/testing/server.ts'

// A header that a gateway was thought to have set was taken for a signature (CVE-2026-39411). Nothing but a credential says who calls.

let server: TestServer
let owner: Person
let member: Person
beforeAll(async () => {
  server = await openTestServer()
  owner = await server.setUpOwner()
  member = await server.addAccount('member')
})
afterAll(async () => { await server[Symbol.asyncDispose]() })

const names = [
  'x-user-id', 'x-user', 'x-account-id', 'x-auth-user', 'x-auth-request-user', 'x-auth-request-email', 'x-forwarded-user', 'x-forwarded-email', 'x-forwarded-preferred-username', 'x-remote-user', 'remote-user',
  'x-webauth-user', 'x-authenticated-user', 'x-authenticated-userid', 'x-consumer-username', 'x-goog-authenticated-user-email', 'x-goog-authenticated-user-id', 'x-ms-client-principal', 'x-ms-client-principal-id',
  'x-amzn-oidc-identity', 'x-amzn-oidc-data', 'x-role', 'x-user-role', 'x-roles', 'x-admin', 'x-is-admin', 'x-internal', 'x-internal-request', 'x-service-token', 'x-tenant-id', 'x-org-id', 'x-original-url',
  'x-rewrite-url', 'x-http-method-override', 'x-method-override', 'x-client-cert', 'ssl-client-verify', 'x-ssl-client-s-dn', 'x-lobe-chat-auth', 'x-access-token', 'x-session-id', 'x-api-user', 'api-user', 'x-authorization',
]
/** Plain, and in the ways in which such values were obscured: encoded, and exclusive-ored with a key that is public. */
const values = () => {
  const identity = JSON.stringify({ accountId: owner.account.id, userId: owner.account.id, role: 'owner', email: owner.account.email })
  const mixed = Buffer.from(identity).map((byte, index) => byte ^ ('LobeHub · LobeHub'.codePointAt(index % 17) ?? 0))
  return [owner.account.id, owner.account.email, 'owner', 'true', '1', Buffer.from(identity).toString('base64'), Buffer.from(mixed).toString('base64'), `Bearer ${Buffer.from(identity).toString('base64url')}`, '/api/v1/accounts', 'GET']
}
const doors = [['GET', '/api/v1/session'], ['GET', '/api/v1/accounts'], ['GET', '/api/v1/conversations'], ['GET', '/v1/models'], ['GET', '/api/v1/audit']] as const

test('no header but a credential makes anybody of nobody', async () => {
  for (const name of names) {
    for (const value of values()) {
      for (const [method, path] of doors) expect({ name, value, status: (await server.call(method, path, { headers: { [name]: value } })).status }).toEqual({ name, value, status: 401 })
    }
  }
})

test('nor somebody else of somebody, nor more of them', async () => {
  for (const name of names) {
    for (const value of values()) {
      server.clock.advance(1_000)
      const headers = { cookie: member.cookie, origin: server.url, [name]: value }
      expect({ name, json: (await server.call('GET', '/api/v1/session', { headers })).json }).toMatchObject({ name, json: { account: { id: member.account.id, role: 'member' } } })
      expect((await server.call('GET', '/api/v1/accounts', { headers })).status).toBe(403)
    }
  }
})

test('all of them at once neither', async () => {
  const headers = Object.fromEntries(names.map((name) => [name, owner.account.id]))
  for (const [method, path] of doors) expect((await server.call(method, path, { headers })).status).toBe(401)
  // The control: the door opens to whom it should.
  expect((await owner.call('GET', '/api/v1/accounts')).status).toBe(200)
})
