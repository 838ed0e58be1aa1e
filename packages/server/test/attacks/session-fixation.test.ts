import { afterAll, beforeAll, expect, test } from 'vitest'
import type { HttpReply } from '../../src/testing/http-client.ts'
import { callerLike } from '../../src/testing/caller.ts'
import { PASSWORD, openTestServer, type Person, type TestServer } from '../../src/testing/server.ts'
import { signInProgram } from '../../src/testing/tokens.ts'

// ASVS 5.0, sections 7.2 to 7.5: a session's token from before a sign-in or a proof opens nothing after it; what needs a fresh proof gets
// one; and everyone sees and ends where they are signed in.

const FOREIGN_BROWSER = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0'
let server: TestServer
let owner: Person
let calls = 0
beforeAll(async () => {
  server = await openTestServer()
  owner = await server.setUpOwner()
})
afterAll(async () => { await server[Symbol.asyncDispose]() })

const cookieIn = (reply: HttpReply) => new RegExp(`${server.cookieName}=[^;]{43}`).exec(reply.headers['set-cookie'] ?? '')?.[0] ?? ''
const as = (cookie: string) => (method: string, path: string, body?: unknown) => server.call(method, path, { body, headers: { cookie, origin: server.url } })
const signIn = (person: Person, cookie?: string) => {
  calls += 1
  return server.call('POST', '/api/v1/session', { body: { email: person.account.email, password: PASSWORD }, headers: { origin: server.url, 'user-agent': FOREIGN_BROWSER, ...(cookie !== undefined && { cookie }) }, from: `127.4.0.${calls}` })
}
const status = async (cookie: string) => (await as(cookie)('GET', '/api/v1/session')).status
const sessionsOf = async (cookie: string) => ((await as(cookie)('GET', '/api/v1/sessions')).json as { readonly items: readonly { readonly id: string; readonly isCurrent: boolean; readonly kind: string; readonly browser: string; readonly system: string; readonly network: string }[] }).items

test('a sign-in gives another token, and the one that the browser had before opens nothing', async () => {
  const before = cookieIn(await signIn(owner))
  const after = cookieIn(await signIn(owner, before))
  expect(after).not.toBe(before)
  expect(await status(before)).toBe(401)
  expect(await status(after)).toBe(200)
})

test('a token that somebody chose is never taken over', async () => {
  const chosen = `${server.cookieName}=${'A'.repeat(43)}`
  const given = cookieIn(await signIn(owner, chosen))
  expect(given).not.toBe(chosen)
  expect(await status(chosen)).toBe(401)
})

test('what needs a fresh proof is refused ten minutes after the last, and let through after another, which gives another token', async () => {
  const person = await server.addAccount('prover')
  const cookie = cookieIn(await signIn(person))
  const makeKey = (session: string) => as(session)('POST', '/api/v1/keys', { name: 'laptop' })
  expect((await makeKey(cookie)).status).toBe(200)
  server.clock.advance(601_000)
  expect(await makeKey(cookie)).toMatchObject({ status: 403, json: { code: 'fresh-sign-in-needed' } })
  expect((await as(cookie)('GET', '/api/v1/session')).json).toMatchObject({ freshUntil: null })
  expect((await as(cookie)('POST', '/api/v1/session/proof', { password: 'not the password of anybody' })).status).toBe(401)
  expect((await makeKey(cookie)).status).toBe(403)
  const proved = await as(cookie)('POST', '/api/v1/session/proof', { password: PASSWORD })
  expect(proved).toMatchObject({ status: 200, json: { freshUntil: expect.stringMatching(/Z$/) as string } })
  const risen = cookieIn(proved)
  expect(risen).not.toBe(cookie)
  expect(await status(cookie)).toBe(401)
  expect((await makeKey(risen)).status).toBe(200)
})

test('neither a key nor a token of a key can make itself fresh, and a refreshed token is no fresher than its sign-in', async () => {
  const person = await server.addAccount('program')
  expect((await person.program('POST', '/api/v1/session/proof', { password: PASSWORD })).status).toBe(403)
  const tokens = await signInProgram(server, person)
  const call = (token: string, path: string, body: unknown) => server.call('POST', path, { body, headers: { authorization: `Bearer ${token}` } })
  expect((await call(tokens.access_token, '/api/v1/keys', { name: 'one' })).status).toBe(200)
  server.clock.advance(601_000)
  const next = (await server.call('POST', '/api/v1/auth/token', { body: { grant_type: 'refresh_token', refresh_token: tokens.refresh_token } })).json as { readonly access_token: string }
  expect((await call(next.access_token, '/api/v1/keys', { name: 'two' })).json).toMatchObject({ code: 'fresh-sign-in-needed' })
  expect((await call(next.access_token, '/api/v1/session/proof', { password: PASSWORD })).status).toBe(200)
  expect((await call(next.access_token, '/api/v1/keys', { name: 'two' })).status).toBe(200)
})

test('everyone sees where they are signed in, in words, and nobody else\'s; no token and no whole address is among it', async () => {
  const [one, other] = [await server.addAccount('one'), await server.addAccount('other')]
  const cookie = cookieIn(await signIn(one))
  await signIn(one)
  await signInProgram(server, one)
  await signIn(other)
  const items = await sessionsOf(cookie)
  // The session of the test's own person is the fourth.
  expect(items).toHaveLength(4)
  expect(items.filter(({ isCurrent }) => isCurrent)).toEqual([expect.objectContaining({ kind: 'browser', browser: 'Firefox', system: 'Linux', network: '127.4.0.0/24' })])
  expect(items.filter(({ kind }) => kind === 'program')).toHaveLength(1)
  expect(JSON.stringify(items)).not.toContain(cookie.split('=')[1])
  expect(await server.storedRows()).not.toContain('Firefox')
})

test('one can be ended from afar, or all others, at once; another\'s does not exist', async () => {
  const [person, stranger] = [await server.addAccount('far'), await server.addAccount('stranger')]
  const [here, there] = [cookieIn(await signIn(person)), cookieIn(await signIn(person))]
  const tokens = await signInProgram(server, person)
  const bearer = async () => (await server.call('GET', '/api/v1/session', { headers: { authorization: `Bearer ${tokens.access_token}` } })).status
  const [theirs] = await sessionsOf(there)
  expect((await stranger.call('DELETE', `/api/v1/sessions/${theirs?.id ?? ''}`)).status).toBe(404)
  const found = await sessionsOf(here)
  const target = found.find(({ id, kind, isCurrent }) => kind === 'browser' && !isCurrent && id === theirs?.id)
  expect((await as(here)('DELETE', `/api/v1/sessions/${target?.id ?? theirs?.id ?? ''}`)).status).toBe(204)
  expect(await status(there)).toBe(401)
  expect(await bearer()).toBe(200)
  expect((await as(here)('DELETE', '/api/v1/sessions')).status).toBe(204)
  expect(await bearer()).toBe(401)
  expect((await person.call('GET', '/api/v1/session')).status).toBe(401)
  expect(await status(here)).toBe(200)
  expect((await person.program('GET', '/api/v1/session')).status).toBe(200)
  expect(await sessionsOf(here)).toHaveLength(1)
})

test('a changed password ends every other session and token at once, and not the one that changed it', async () => {
  const person = await server.addAccount('changer')
  const [here, there] = [cookieIn(await signIn(person)), cookieIn(await signIn(person))]
  const tokens = await signInProgram(server, person)
  const changed = await as(here)('PUT', '/api/v1/account/password', { current: PASSWORD, password: 'seven other unrelated words for this account' })
  expect(changed.status).toBe(204)
  expect(await status(there)).toBe(401)
  expect((await server.call('GET', '/api/v1/session', { headers: { authorization: `Bearer ${tokens.access_token}` } })).status).toBe(401)
  expect(await status(here)).toBe(200)
})

test('an account keeps a hundred sessions, and the one that was used longest ago goes', async () => {
  const person = await server.addAccount('many')
  const { sessions } = server.sallyport.domains
  const caller = callerLike(person.account.id, 'member')
  for (let count = 0; count < 105; count += 1) { server.clock.advance(5); await sessions.begin(caller, person.account) }
  const kept = await server.sallyport.database.read.selectFrom('session').select('id').where('account_id', '=', person.account.id).execute()
  expect(kept).toHaveLength(100)
  expect((await person.call('GET', '/api/v1/session')).status).toBe(401)
})
