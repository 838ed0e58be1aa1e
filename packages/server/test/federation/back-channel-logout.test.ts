import { TOTP } from 'otpauth'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { startLyingProvider, type LyingProvider } from '../../src/testing/lying-identity-provider.ts'
import { openRedirectBrowser } from '../../src/testing/redirect-browser.ts'
import { openFederation, type Federation } from './support.ts'

const EVENT = 'http://schemas.openid.net/event/backchannel-logout'
let federation: Federation
let liar: LyingProvider
beforeAll(async () => {
  federation = await openFederation()
  await federation.save({ newAccounts: { when: 'listed-domains', domains: ['example.org'], role: 'member' } })
  liar = await startLyingProvider()
  const saved = await federation.owner.call('PUT', '/api/v1/identity-providers/liar', {
    label: 'Liar', protocol: { kind: 'oidc', issuer: liar.issuer }, clientId: liar.clientId, clientSecret: liar.clientSecret, allowPrivateAddress: true, newAccounts: { when: 'listed-domains', domains: ['example.org'], role: 'member' },
  })
  expect(saved.status).toBe(200)
})
afterAll(async () => {
  await liar[Symbol.asyncDispose]()
  await federation[Symbol.asyncDispose]()
})
beforeEach(() => { federation.server.clock.advance(1_000) })

/** Signs in at the provider that says what the test tells it to. */
async function signInAtLiar(claims: Record<string, unknown>) {
  const { server, who } = federation
  const browser = openRedirectBrowser()
  liar.script = { idToken: claims }
  const { url } = await browser.go(`${server.url}/api/v1/session/federated/liar`, { stop: (next) => next.origin === liar.issuer })
  await browser.go(`${server.url}/api/v1/session/federated/liar/callback?${liar.answerTo(url).toString()}`)
  expect(await who(browser)).not.toBeNull()
  return browser
}
let number = 0
const token = (over: Record<string, unknown>) => {
  number += 1
  const seconds = Math.floor(federation.server.clock.now() / 1_000)
  const claims = { iss: liar.issuer, aud: liar.clientId, jti: `token-${number}`, iat: seconds, exp: seconds + 120, events: { [EVENT]: {} }, ...over }
  return liar.sign(claims, { typ: 'logout+jwt' })
}
const send = (logoutToken: string, form = true) => federation.server.call('POST', '/api/v1/session/federated/liar/back-channel-logout', form
  ? { body: new URLSearchParams({ logout_token: logoutToken }).toString(), headers: { 'content-type': 'application/x-www-form-urlencoded' } }
  : { body: { logout_token: logoutToken } })

describe('who signs out at the provider', () => {
  test('is signed out here within a second, by a real provider\'s own call', async () => {
    const { person, signIn, who, provider } = federation
    person('ada', { email: 'ada@example.org', email_verified: true })
    person('bob', { email: 'bob@example.org', email_verified: true })
    const [ada, bob] = [await signIn('ada'), await signIn('bob')]
    expect([(await who(ada.browser))?.account.email, (await who(bob.browser))?.account.email]).toEqual(['ada@example.org', 'bob@example.org'])
    const form = await ada.browser.go(`${provider.issuer}/session/end`)
    const secret = /name="xsrf" value="([^"]+)"/.exec(form.text)?.[1] ?? ''
    await ada.browser.go(`${provider.issuer}/session/end/confirm`, { form: `xsrf=${secret}&logout=yes` })
    await expect.poll(() => who(ada.browser), { timeout: 1_000, interval: 20 }).toBeNull()
    expect((await who(bob.browser))?.account.email).toBe('bob@example.org')
  })

  test('of one session there loses the one that began with it; of all, all of them', async () => {
    const { who } = federation
    const one = await signInAtLiar({ sub: 'eve', email: 'eve@example.org', sid: 'first' })
    const two = await signInAtLiar({ sub: 'eve', email: 'eve@example.org', sid: 'second' })
    expect((await send(await token({ sub: 'eve', sid: 'first' }))).status).toBe(200)
    expect([await who(one) === null, await who(two) === null]).toEqual([true, false])
    const three = await signInAtLiar({ sub: 'eve', email: 'eve@example.org', sid: 'third' })
    expect((await send(await token({ sub: 'eve' }), false)).status).toBe(200)
    expect([await who(two), await who(three)]).toEqual([null, null])
  })
})

describe('who proves a second factor here after the provider', () => {
  /** Gives the account behind an identity an authenticator app. */
  const enrol = async (name: string) => {
    const { server, who } = federation
    const browser = await signInAtLiar({ sub: name, email: `${name}@example.org`, sid: `${name}-0` })
    const cookie = `${server.cookieName}=${browser.cookies(server.url).get(server.cookieName) ?? ''}`
    const call = (path: string, body: unknown) => server.call('POST', path, { body, headers: { cookie, origin: server.url } })
    const begun = (await call('/api/v1/factors/totp', {})).json as { factorId: string; secret: string }
    const code = new TOTP({ secret: begun.secret }).generate({ timestamp: server.clock.now() })
    expect((await call('/api/v1/factors/totp/confirm', { factorId: begun.factorId, code })).status).toBe(200)
    expect(await who(browser)).toBeDefined()
    return begun.secret
  }
  /** Signs in as far as the question for the second factor. */
  const challengeOf = async (name: string, sid: string) => {
    const { server } = federation
    const browser = openRedirectBrowser()
    liar.script = { idToken: { sub: name, email: `${name}@example.org`, sid } }
    const { url } = await browser.go(`${server.url}/api/v1/session/federated/liar`, { stop: (next) => next.origin === liar.issuer })
    const page = await browser.go(`${server.url}/api/v1/session/federated/liar/callback?${liar.answerTo(url).toString()}`)
    expect(page.url.hash).toMatch(/^#second-factor=/)
    return new URLSearchParams(page.url.hash.slice(1)).get('second-factor') ?? ''
  }
  const prove = async (challenge: string, secret: string) => {
    const { server } = federation
    server.clock.advance(30_000)
    return server.call('POST', '/api/v1/session/second-factor', { body: { challenge, code: new TOTP({ secret }).generate({ timestamp: server.clock.now() }) }, headers: { origin: server.url } })
  }
  const isIn = async (reply: { readonly headers: Readonly<Record<string, string>> }) => {
    const { server } = federation
    const token = new RegExp(`${server.cookieName}=([\\w-]+)`).exec(reply.headers['set-cookie'] ?? '')?.[1] ?? ''
    return (await server.call('GET', '/api/v1/session', { headers: { cookie: `${server.cookieName}=${token}` } })).status === 200
  }

  test('is signed out with the provider as well', async () => {
    const secret = await enrol('hal')
    const reply = await prove(await challengeOf('hal', 'hal-1'), secret)
    expect([reply.status, await isIn(reply)]).toEqual([200, true])
    expect((await send(await token({ sub: 'hal', sid: 'hal-1' }))).status).toBe(200)
    expect(await isIn(reply)).toBe(false)
  })

  test('does not come in with a challenge from before the sign-out', async () => {
    const secret = await enrol('ivy')
    const challenge = await challengeOf('ivy', 'ivy-1')
    expect((await send(await token({ sub: 'ivy', sid: 'ivy-1' }))).status).toBe(200)
    expect((await prove(challenge, secret)).status).toBe(401)
  })
})

describe('a logout token', () => {
  test('works once', async () => {
    const used = await token({ sub: 'fay' })
    expect((await send(used)).status).toBe(200)
    const browser = await signInAtLiar({ sub: 'fay', email: 'fay@example.org', sid: 'x' })
    expect(await send(used)).toMatchObject({ status: 400, json: { code: 'invalid-request' } })
    expect(await federation.who(browser)).not.toBeNull()
  })

  test('that is forged, or of another provider, ends nothing, also where its session is named rightly', async () => {
    const browser = await signInAtLiar({ sub: 'gil', email: 'gil@example.org', sid: 'of-gil' })
    const seconds = Math.floor(federation.server.clock.now() / 1_000)
    const claims = { iss: liar.issuer, aud: liar.clientId, jti: 'other', iat: seconds, exp: seconds + 120, events: { [EVENT]: {} }, sub: 'gil', sid: 'of-gil' }
    for (const forged of [liar.unsigned(claims), await liar.sign(claims, {}, liar.keys.foreign), await liar.sign({ ...claims, iss: 'https://other.example.org' }), 'x']) expect((await send(forged)).status).toBe(400)
    const elsewhere = await federation.server.call('POST', '/api/v1/session/federated/company/back-channel-logout', { body: { logout_token: await liar.sign(claims) } })
    expect(elsewhere.status).toBe(400)
    expect(await federation.who(browser)).not.toBeNull()
  })

  test('is read from a form or from JSON, once; other operations take no form', async () => {
    const twice = await federation.server.call('POST', '/api/v1/session/federated/liar/back-channel-logout', { body: 'logout_token=a&logout_token=b', headers: { 'content-type': 'application/x-www-form-urlencoded' } })
    expect(twice.status).toBe(400)
    const elsewhere = await federation.server.call('POST', '/api/v1/session', { body: 'email=a%40b.org&password=x', headers: { 'content-type': 'application/x-www-form-urlencoded' } })
    expect(elsewhere.status).toBe(415)
  })
})
