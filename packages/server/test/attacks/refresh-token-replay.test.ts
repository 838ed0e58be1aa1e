import { genericGrantRequest, None, refreshTokenGrant, tokenRevocation, allowInsecureRequests, ClientSecretBasic, ClientSecretPost, clientCredentialsGrant, Configuration } from 'openid-client'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { PASSWORD, openTestServer, type Person, type TestServer } from '../../src/testing/server.ts'
import { askForToken, familyOf, signInProgram } from '../../src/testing/tokens.ts'

// IDN-5: a refresh token that was stolen and used ends with what it led to, whoever comes second.

let server: TestServer
let owner: Person
let member: Person
beforeAll(async () => {
  server = await openTestServer()
  owner = await server.setUpOwner()
  member = await server.addAccount('member')
})
afterAll(async () => { await server[Symbol.asyncDispose]() })

const open = async (token: string) => (await server.call('GET', '/api/v1/session', { headers: { authorization: `Bearer ${token}` } })).status
const refresh = (refresh_token: string) => askForToken(server, { grant_type: 'refresh_token', refresh_token })
const tokensIn = (json: unknown) => json as { readonly access_token: string; readonly refresh_token: string }
const rows = async (table: 'security_event' | 'audit_entry') => JSON.stringify(await server.sallyport.database.read.selectFrom(table).selectAll().execute())

test('the second use of a refresh token ends the thief\'s tokens and the owner\'s, with an alert', async () => {
  const stolen = await signInProgram(server, owner)
  const bystander = await signInProgram(server, owner)
  const thief = tokensIn((await refresh(stolen.refresh_token)).json)
  expect(await open(thief.access_token)).toBe(200)
  const refused = await refresh(stolen.refresh_token)
  expect(refused).toMatchObject({ status: 400, json: { error: 'invalid_grant', code: 'invalid-grant', request_id: refused.headers['x-request-id'] } })
  for (const token of [stolen.access_token, thief.access_token]) expect(await open(token)).toBe(401)
  expect((await refresh(thief.refresh_token)).status).toBe(400)
  expect(await open(bystander.access_token)).toBe(200)
  const family = familyOf(stolen.access_token)
  expect(await rows('security_event')).toContain(family)
  expect(await rows('audit_entry')).toContain('token-family-ended')
})

test('of 200 uses at once exactly one gets tokens, and they end', async () => {
  const { refresh_token } = await signInProgram(server, owner)
  const replies = await Promise.all(Array.from({ length: 200 }, () => refresh(refresh_token)))
  const won = replies.filter(({ status }) => status === 200)
  expect(won).toHaveLength(1)
  expect(replies.filter(({ status }) => status === 400)).toHaveLength(199)
  expect(await open(tokensIn(won[0]?.json).access_token)).toBe(401)
}, 60_000)

test('no token is stored, logged or shown again', async () => {
  const { access_token, refresh_token } = await signInProgram(server, owner)
  await refresh('slr_' + 'A'.repeat(43))
  const everything = `${await server.storedRows()}${JSON.stringify(server.logs)}`
  for (const secret of [access_token.split('.')[2] ?? '', refresh_token, refresh_token.slice(4)]) expect(everything).not.toContain(secret)
})

test('a form is read as JSON is, a repeated field is refused, and what the standard does not know is left aside', async () => {
  const form = (text: string) => server.call('POST', '/api/v1/auth/token', { body: text, headers: { 'content-type': 'application/x-www-form-urlencoded' }, from: '127.3.0.1' })
  const filled = new URLSearchParams({ grant_type: 'password', username: owner.account.email, password: PASSWORD, audience: 'whatever', scope: 'chat:read' })
  const reply = await form(filled.toString())
  expect(reply).toMatchObject({ status: 200, json: { token_type: 'Bearer', expires_in: 900, scope: expect.stringContaining('chat:write') as string }, headers: { 'cache-control': 'no-store' } })
  expect(reply.headers['set-cookie']).toBeUndefined()
  expect(await form(`${filled.toString()}&password=other`)).toMatchObject({ status: 400, json: { error: 'invalid_request', code: 'invalid-request' } })
  expect(await form('grant_type=magic')).toMatchObject({ status: 400, json: { error: 'unsupported_grant_type' } })
  expect(await form('grant_type=__proto__')).toMatchObject({ status: 400, json: { error: 'unsupported_grant_type' } })
  expect(await form('')).toMatchObject({ status: 400, json: { error: 'invalid_request' } })
  expect(await form('grant_type=password&username=nobody@example.org&password=wrong')).toMatchObject({ status: 400, json: { error: 'invalid_grant' } })
})

test('passwords are tried here no faster than on the page', async () => {
  let tries = 0
  // Another account each time: the address is what is counted here.
  const attempt = () => server.call('POST', '/api/v1/auth/token', { body: { grant_type: 'password', username: `nobody${tries += 1}@example.org`, password: 'not a password of anybody' }, from: '127.3.0.2' })
  const found: number[] = []
  while (tries < 7) found.push((await attempt()).status)
  expect(found).toEqual([400, 400, 400, 400, 400, 429, 429])
  const refused = await attempt()
  expect(refused.json).toMatchObject({ error: 'temporarily_unavailable', code: 'too-many-requests', retryAfterSeconds: expect.any(Number) as number })
  expect(refused.headers['retry-after']).toMatch(/^\d+$/)
})

test('an OAuth client that knows nothing of this server gets, refreshes and revokes tokens', async () => {
  const metadata = { issuer: server.url, token_endpoint: `${server.url}/api/v1/auth/token`, revocation_endpoint: `${server.url}/api/v1/auth/revoke` }
  const person = new Configuration(metadata, 'a-program', {}, None())
  allowInsecureRequests(person)
  server.clock.advance(60_000)
  const first = await genericGrantRequest(person, 'password', { username: owner.account.email, password: PASSWORD })
  expect(await open(first.access_token)).toBe(200)
  const second = await refreshTokenGrant(person, first.refresh_token ?? '')
  expect(await open(second.access_token)).toBe(200)
  await tokenRevocation(person, second.refresh_token ?? '')
  expect(await open(second.access_token)).toBe(401)
  await expect(refreshTokenGrant(person, second.refresh_token ?? '')).rejects.toMatchObject({ error: 'invalid_grant', status: 400 })
  // RFC 7009, section 2.2: what is no token, or no token any more, is revoked already.
  await tokenRevocation(person, 'nothing')

  for (const method of [ClientSecretPost(owner.key), ClientSecretBasic(owner.key)]) {
    const program = new Configuration(metadata, owner.keyId, {}, method)
    allowInsecureRequests(program)
    const { access_token, refresh_token } = await clientCredentialsGrant(program)
    expect(refresh_token).toBeUndefined()
    expect(await open(access_token)).toBe(200)
    expect((await server.call('GET', '/api/v1/keys', { headers: { authorization: `Bearer ${access_token}` } })).json).toMatchObject({ status: 403, code: 'not-allowed' })
  }
  const wrong = new Configuration(metadata, owner.keyId, {}, ClientSecretPost(`${owner.key.slice(0, -8)}00000000`))
  allowInsecureRequests(wrong)
  await expect(clientCredentialsGrant(wrong)).rejects.toMatchObject({ status: 401 })
  expect((await askForToken(server, { grant_type: 'client_credentials', client_id: owner.keyId, client_secret: member.key })).json).toMatchObject({ error: 'invalid_client', code: 'invalid-client' })
})
