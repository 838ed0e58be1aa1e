import { afterAll, beforeAll, expect, test } from 'vitest'
import { PASSWORD, openTestServer, type Person, type TestServer } from '../../src/testing/server.ts'
import type { SentHeaders } from '../../src/testing/http-client.ts'
import { askForToken, signInProgram } from '../../src/testing/tokens.ts'

// Abuse 35 (CVE-2026-32717) and 33 (CVE-2026-44567): an account that may do nothing still can, by the one credential that nobody looked at.

let server: TestServer
let owner: Person
beforeAll(async () => {
  server = await openTestServer()
  owner = await server.setUpOwner()
})
afterAll(async () => { await server[Symbol.asyncDispose]() })

const DOORS = [['GET', '/api/v1/session'], ['GET', '/api/v1/conversations'], ['GET', '/v1/models'], ['POST', '/v1/chat/completions']] as const
const chat = { model: 'sallyport/library', messages: [{ role: 'user', content: 'Hello' }] }

/** Every credential that somebody can hold. */
async function credentialsOf(person: Person): Promise<Readonly<Record<string, SentHeaders>>> {
  const tokens = await signInProgram(server, person)
  const traded = (await askForToken(server, { grant_type: 'client_credentials', client_id: person.keyId, client_secret: person.key })).json as { readonly access_token: string }
  return {
    session: { cookie: person.cookie, origin: server.url }, 'key as bearer': { authorization: `Bearer ${person.key}` }, 'key as X-API-Key': { 'x-api-key': person.key },
    'access token': { authorization: `Bearer ${tokens.access_token}` }, 'access token of a key': { authorization: `Bearer ${traded.access_token}` }, refresh: { 'x-refresh': tokens.refresh_token },
  }
}
const statuses = async (credentials: Readonly<Record<string, SentHeaders>>) => {
  const found: Record<string, readonly number[]> = {}
  for (const [name, headers] of Object.entries(credentials)) {
    const refresh = headers['x-refresh']
    if (typeof refresh === 'string') { found[name] = [(await askForToken(server, { grant_type: 'refresh_token', refresh_token: refresh })).status]; continue }
    const codes: number[] = []
    for (const [method, path] of DOORS) codes.push((await server.call(method, path, { headers, ...(method === 'POST' && { body: chat }) })).status)
    found[name] = codes
  }
  return found
}
const all = (names: readonly string[], code: number, refresh: number) => Object.fromEntries(names.map((name) => [name, name === 'refresh' ? [refresh] : [code, code, code, code]]))

test('what is suspended or deleted opens nothing from then on, by any credential, and signs in no more', async () => {
  for (const ending of ['suspended', 'deleted'] as const) {
    const person = await server.addAccount(ending)
    const credentials = await credentialsOf(person)
    const names = Object.keys(credentials)
    const { refresh, ...others } = credentials
    expect(await statuses(others)).toEqual(all(names.filter((name) => name !== 'refresh'), 200, 200))
    const ended = ending === 'suspended' ? await owner.call('PATCH', `/api/v1/accounts/${person.account.id}`, { status: 'suspended' }) : await owner.call('DELETE', `/api/v1/accounts/${person.account.id}`)
    expect(ended.status).toBeLessThan(300)
    expect(await statuses({ ...others, ...(refresh !== undefined && { refresh }) })).toEqual(all(names, 401, 400))
    expect((await server.call('POST', '/api/v1/session', { body: { email: person.account.email, password: PASSWORD }, headers: { origin: server.url }, from: '127.2.0.1' })).status).toBe(401)
    expect((await askForToken(server, { grant_type: 'password', username: person.account.email, password: PASSWORD })).json).toMatchObject({ error: 'invalid_grant' })
    expect((await askForToken(server, { grant_type: 'client_credentials', client_id: person.keyId, client_secret: person.key })).status).toBe(401)
  }
})

test('who owes a new password can do nothing else first, by any credential', async () => {
  const person = await server.addAccount('owing')
  const { refresh: _refresh, ...credentials } = await credentialsOf(person)
  const owes = await owner.call('PATCH', `/api/v1/accounts/${person.account.id}`, { passwordChangeNeeded: true })
  expect(owes.status).toBe(200)
  for (const headers of Object.values(credentials)) {
    const reply = await server.call('GET', '/api/v1/conversations', { headers })
    // Sessions and tokens may have ended with the demand; what goes on is told what it owes.
    expect([401, 403]).toContain(reply.status)
    if (reply.status === 403) expect(reply.json).toMatchObject({ code: 'password-change-needed' })
  }
  const again = await server.renew(person)
  expect((await again.call('GET', '/api/v1/conversations')).json).toMatchObject({ code: 'password-change-needed' })
  expect((await again.program('GET', '/api/v1/conversations')).json).toMatchObject({ code: 'password-change-needed' })
  expect((await again.program('POST', '/v1/chat/completions', chat)).status).toBe(403)
  expect((await again.call('GET', '/api/v1/session')).json).toMatchObject({ pending: 'password-change' })
})
