import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { operationIds, operations } from '@sallyport/contract'
import { stepAt, totpCode } from '../../src/domains/factors/totp.ts'
import { operationPolicy } from '../../src/policy/operations.ts'
import { createAuthenticator } from '../../src/testing/authenticator.ts'
import { sendRaw, type HttpReply } from '../../src/testing/http-client.ts'
import { fromBase32 } from '../../src/testing/open-factors.ts'
import { openTestServer, PASSWORD, type Person, type TestServer } from '../../src/testing/server.ts'

let server: TestServer
let owner: Person
let seed: Buffer
let recoveryCodes: readonly string[]

let callers = 0
/** From another address each time, so that no rate of an address is what refuses. */
const from = () => { callers += 1; return `127.11.${Math.floor(callers / 200)}.${1 + callers % 200}` }
const post = (path: string, body: unknown, headers = {}) => server.call('POST', `/api/v1${path}`, { body, from: from(), headers })
const signIn = (password = PASSWORD, email = 'owner@example.org') => post('/session', { email, password })
const codeNow = () => totpCode(seed, stepAt(server.clock.now()))
const nextStep = () => { server.clock.advance(30_000) }
const cookieOf = ({ headers }: HttpReply) => /^[^;]+/.exec(headers['set-cookie'] ?? '')?.[0] ?? ''
const challengeIn = ({ json }: HttpReply) => (json as { challenge: string }).challenge
/** Calls as the page does: `GET /session` with a cookie. */
const asPage = (cookie: string, line: string, body?: unknown) => {
  const [method = 'GET', path = '/'] = line.split(' ')
  return server.call(method, `/api/v1${path}`, { body, from: from(), headers: { cookie, origin: server.url } })
}
/** A session that stands on both factors. */
async function signInWholly(): Promise<string> {
  nextStep()
  const reply = await post('/session/second-factor', { challenge: challengeIn(await signIn()), code: codeNow() })
  expect(reply.status).toBe(200)
  return cookieOf(reply)
}

beforeAll(async () => {
  server = await openTestServer()
  owner = await server.setUpOwner()
  server.clock.stop()
  const begun = (await owner.call('POST', '/api/v1/factors/totp', {})).json as { factorId: string; secret: string }
  seed = fromBase32(begun.secret)
  const confirmed = await owner.call('POST', '/api/v1/factors/totp/confirm', { factorId: begun.factorId, code: codeNow() })
  expect(confirmed.status).toBe(200)
  recoveryCodes = (confirmed.json as { recoveryCodes: string[] }).recoveryCodes
}, 60_000)
afterAll(async () => { await server[Symbol.asyncDispose]() })

describe('the password alone', () => {
  test('gives no session, and its challenge is no credential of any kind', async () => {
    const reply = await signIn()
    expect(reply.json).toMatchObject({ status: 401, code: 'second-factor-needed', factors: ['totp', 'recovery-code'], challenge: expect.stringMatching(/^[\w-]{43}$/) })
    expect(reply.headers).not.toHaveProperty('set-cookie')
    const challenge = challengeIn(reply)
    for (const headers of [{ cookie: `${server.cookieName}=${challenge}`, origin: server.url }, { authorization: `Bearer ${challenge}` }, { 'x-api-key': challenge }]) {
      expect((await server.call('GET', '/api/v1/session', { headers, from: from() })).status).toBe(401)
    }
    // Control: with its code it gives one.
    nextStep()
    const whole = await post('/session/second-factor', { challenge, code: codeNow() })
    expect(whole.status).toBe(200)
    expect((await asPage(cookieOf(whole), 'GET /session')).status).toBe(200)
  })

  test('gives no token either; with a code in the same request it does', async () => {
    const grant = (more = {}) => post('/auth/token', { grant_type: 'password', username: 'owner@example.org', password: PASSWORD, ...more })
    const refused = await grant()
    expect(refused.status).toBeGreaterThanOrEqual(400)
    expect(refused.text).toContain('second-factor-needed')
    expect(refused.text).not.toContain('access_token')
    nextStep()
    const code = codeNow()
    expect((await grant({ code: '000000' })).text).not.toContain('access_token')
    expect((await grant({ code })).text).toContain('access_token')
    expect((await grant({ code })).text).not.toContain('access_token')
  })

  test('is what tells of a second factor: a wrong one says the same of every account', async () => {
    await server.addAccount('plain')
    const known = [await signIn('wrong words of no use'), await signIn('wrong words of no use', 'plain@example.org'), await signIn('wrong words of no use', 'nobody@example.org')]
    const bodies = known.map(({ status, json }) => ({ status, ...(json as object), instance: '' }))
    expect(bodies[1]).toEqual(bodies[0])
    expect(bodies[2]).toEqual(bodies[0])
    expect(bodies[0]).not.toHaveProperty('challenge')
  })

  test.each([['null', null], ['nothing', undefined], ['an empty text', ''], ['a list', ['000000']], ['an object', {}], ['true', true], ['five digits', '12345']])('%s is no code', async (_, code) => {
    expect((await post('/session/second-factor', { challenge: challengeIn(await signIn()), code })).status).toBe(400)
  })
})

test('what is fresh is fresh with both factors: a proof by the password alone opens nothing that asks for one', async () => {
  const cookie = await signInWholly()
  server.clock.advance(11 * 60_000)
  expect((await asPage(cookie, 'POST /factors/recovery-codes')).json).toMatchObject({ code: 'fresh-sign-in-needed' })
  const byPassword = await asPage(cookie, 'POST /session/proof', { password: PASSWORD })
  expect(byPassword.status).toBe(200)
  const withPassword = cookieOf(byPassword)
  expect((await asPage(withPassword, 'POST /factors/recovery-codes')).json).toMatchObject({ code: 'fresh-sign-in-needed' })
  const both = cookieOf(await asPage(withPassword, 'POST /session/proof', { recoveryCode: recoveryCodes[0] }))
  const renewed = await asPage(both, 'POST /factors/recovery-codes')
  expect(renewed.status).toBe(200)
  recoveryCodes = (renewed.json as { recoveryCodes: string[] }).recoveryCodes
})

test('whoever changes what protects an account ends every other session and token of it', async () => {
  const [mine, other] = [await signInWholly(), await signInWholly()]
  const token = ((await (async () => { nextStep(); return post('/auth/token', { grant_type: 'password', username: 'owner@example.org', password: PASSWORD, code: codeNow() }) })()).json as { access_token: string }).access_token
  const byToken = () => server.call('GET', '/api/v1/session', { headers: { authorization: `Bearer ${token}` }, from: from() })
  expect((await byToken()).status).toBe(200)
  const begun = (await asPage(mine, 'POST /factors/totp', { name: 'Second phone' })).json as { factorId: string; secret: string }
  const second = fromBase32(begun.secret)
  const confirmed = await asPage(mine, 'POST /factors/totp/confirm', { factorId: begun.factorId, code: totpCode(second, stepAt(server.clock.now())) })
  expect(confirmed.json).toMatchObject({ recoveryCodes: null })
  expect((await asPage(other, 'GET /session')).status).toBe(401)
  expect((await byToken()).status).toBe(401)
  // Its own goes on, under another token.
  expect((await asPage(mine, 'GET /session')).status).toBe(401)
  const risen = cookieOf(confirmed)
  expect((await asPage(risen, 'GET /session')).status).toBe(200)
  expect((await asPage(risen, `DELETE /factors/${begun.factorId}`)).status).toBe(204)
  expect((await owner.program('GET', '/api/v1/models')).status).toBe(200)
})

test('a passkey signs in alone under the server\'s own name, and not from the port of somebody else, whatever the Host header says', async () => {
  const host = `localhost:${server.port}`
  const site = { host, origin: `http://${host}` }
  const authenticator = createAuthenticator(site.origin)
  const cookie = await signInWholly()
  const options = (await server.call('POST', '/api/v1/factors/passkeys/options', { headers: { ...site, cookie }, from: from() })).json as Parameters<typeof authenticator.make>[0]
  const { passkey, attestation } = authenticator.make(options)
  expect((await server.call('POST', '/api/v1/factors/passkeys', { body: { name: 'Key', attestation }, headers: { ...site, cookie }, from: from() })).status).toBe(200)
  const begin = async () => (await post('/session/passkey/options', {}, site)).json as { challenge: string }
  const foreign = 'localhost:9'
  const refused = await post('/session/passkey', { assertion: authenticator.use(passkey, await begin(), { origin: `http://${foreign}` }) }, site)
  expect(refused.json).toMatchObject({ status: 401, code: 'wrong-second-factor' })
  // A whole URL in the request line takes the place of the header (RFC 9112, section 3.2.2).
  const raw = async (origin: string) => {
    const body = JSON.stringify({ assertion: authenticator.use(passkey, await begin(), { origin }) })
    return (await sendRaw(server.port, [`POST http://${host}/api/v1/session/passkey HTTP/1.1\r\nHost: ${foreign}\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`])).text
  }
  expect(await raw(`http://${foreign}`)).toMatch(/^HTTP\/1\.1 (?:4\d\d) /)
  server.clock.advance(60_000)
  expect((await post('/session/passkey', { assertion: authenticator.use(passkey, await begin()) }, site)).status).toBe(200)
})

test('nothing that was proved is in the log or in a row', async () => {
  const code = codeNow()
  const texts = [await server.storedRows(), JSON.stringify(server.logs)]
  for (const secret of [seed.toString('base64'), seed.toString('latin1'), ...recoveryCodes, ...recoveryCodes.map((one) => one.replaceAll('-', '')), `"${code}"`]) for (const text of texts) expect(text.includes(secret)).toBe(false)
})

describe('who must have a second factor and has none', () => {
  test('can set one up, and do nothing else: by session, by key and by token', async () => {
    await using strict = await openTestServer({ settings: { IDENTITY_SECOND_FACTOR_REQUIRED_FOR: 'owner,administrator' } })
    const person = await strict.setUpOwner()
    const blocked = operationIds.filter((id) => operationPolicy[id].pending === 'blocked' && operationPolicy[id].bodyBytes === 0)
    expect(blocked.length).toBeGreaterThan(20)
    const pathOf = (id: (typeof blocked)[number]) => operations[id].path.replaceAll(/:\w+/g, 'x').replace('*', 'x')
    for (const id of blocked) {
      const { status, text } = await person.call(operations[id].method, pathOf(id))
      expect([id, status, text]).toEqual([id, 403, expect.stringContaining('second-factor-enrolment-needed')])
    }
    expect((await person.program('GET', '/api/v1/models')).json).toMatchObject({ code: 'second-factor-enrolment-needed' })
    expect((await person.call('GET', '/api/v1/session')).json).toMatchObject({ pending: 'second-factor-enrolment' })
    const begun = (await person.call('POST', '/api/v1/factors/totp', {})).json as { factorId: string; secret: string }
    const code = totpCode(fromBase32(begun.secret), stepAt(strict.clock.now()))
    const confirmed = await person.call('POST', '/api/v1/factors/totp/confirm', { factorId: begun.factorId, code })
    expect(confirmed.status).toBe(200)
    const cookie = cookieOf(confirmed)
    const now = (method: string, path: string) => strict.call(method, path, { headers: { cookie, origin: strict.url } })
    expect((await now('GET', '/api/v1/keys')).status).toBe(200)
    expect((await person.program('GET', '/api/v1/models')).status).toBe(200)
    expect((await now('DELETE', `/api/v1/factors/${begun.factorId}`)).json).toMatchObject({ status: 409, code: 'conflict' })
    // A member owes nothing here.
    const member = await strict.addAccount('member')
    expect((await member.call('GET', '/api/v1/keys')).status).toBe(200)
  }, 60_000)

  test.each([['personal', null], ['team', 'second-factor-enrolment'], ['public', 'second-factor-enrolment']])('is asked by the preset %s for: %s', async (preset, pending) => {
    await using other = await openTestServer({ settings: { PRESET: preset } })
    const person = await other.setUpOwner()
    expect((await person.call('GET', '/api/v1/session')).json).toMatchObject({ pending })
  }, 60_000)
})

test('an administrator resets the factors of a member, which ends what the member has open', async () => {
  const administrator = await server.addAccount('administrator', 'administrator')
  const member = await server.addAccount('lost')
  const begun = (await member.call('POST', '/api/v1/factors/totp', {})).json as { factorId: string; secret: string }
  expect((await member.call('POST', '/api/v1/factors/totp/confirm', { factorId: begun.factorId, code: totpCode(fromBase32(begun.secret), stepAt(server.clock.now())) })).status).toBe(200)
  expect((await signIn(PASSWORD, 'lost@example.org')).json).toMatchObject({ code: 'second-factor-needed' })
  const path = (id: string) => `/api/v1/accounts/${id}/factors/reset`
  expect((await administrator.call('POST', path(owner.account.id))).status).toBe(403)
  expect((await member.call('POST', path(member.account.id))).status).toBe(401)
  expect((await administrator.call('POST', path(member.account.id))).json).toEqual({ removed: 1 })
  expect((await signIn(PASSWORD, 'lost@example.org')).status).toBe(200)
})
