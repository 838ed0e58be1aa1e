import { createHash } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { systemClock } from '../../../kernel/clock.ts'
import { createEgress, type Egress } from '../../../kernel/egress.ts'
import { Secret } from '../../../kernel/secret.ts'
import { defaultEgressRules } from '../../../policy/egress.ts'
import type { SignInAttempt } from '../../../ports/identity-provider.ts'
import { oauth2 } from './index.ts'

interface Asked { readonly path: string; readonly authorization: string | undefined; readonly body: URLSearchParams }
const answers: { user: unknown; emails: unknown; token: { readonly status: number; readonly body: unknown } } = { user: {}, emails: [], token: { status: 200, body: {} } }
const asked: Asked[] = []
const server = createServer((request, response) => {
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk)).on('end', () => {
    const path = request.url ?? ''
    asked.push({ path, authorization: request.headers.authorization, body: new URLSearchParams(Buffer.concat(chunks).toString('utf8')) })
    const { status, body } = path === '/token' ? answers.token : { status: request.headers.authorization === 'Bearer an-access-token' ? 200 : 401, body: path === '/emails' ? answers.emails : answers.user }
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  })
})
let origin = ''
let egress: Egress
beforeAll(async () => {
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve) })
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  egress = createEgress({ clock: systemClock, rules: defaultEgressRules })
  egress.list('oauth2', { origin: new URL(origin), allowPrivateAddress: true })
})
afterAll(async () => {
  await egress.close()
  server.close()
})
beforeEach(() => {
  asked.length = 0
  Object.assign(answers, { user: { id: 4711, login: 'ada', profile: { name: 'Ada' }, teams: ['a', 'b'] }, emails: [], token: { status: 200, body: { access_token: 'an-access-token', token_type: 'bearer' } } })
})

const attempt: SignInAttempt = { state: 's'.repeat(43), nonce: 'n'.repeat(43), verifier: 'v'.repeat(43), redirectUri: 'http://127.0.0.1:1/callback', freshSince: null }
const protocol = (more: object = {}) => ({
  kind: 'oauth2' as const, authorizationEndpoint: `${origin}/authorize`, tokenEndpoint: `${origin}/token`, userInfoEndpoint: `${origin}/user`, claims: { subject: 'id', name: 'profile.name' }, ...more,
})
const open = (more: object = {}, secret: Secret | null = new Secret('a-client-secret')) =>
  oauth2.create(protocol(more), { clientId: 'sallyport', clientSecret: secret, scopes: ['read:user'], groupsClaim: 'teams', unsafelyAllowPlainHttp: false }, { fetchConfigured: egress.fetchConfigured, now: () => 0 })
const answer = (over: Readonly<Record<string, string>> = {}) => new URLSearchParams({ code: 'a-code', state: attempt.state, ...over })

describe('an OAuth 2 provider', () => {
  test('is asked with PKCE and state, and proves who signed in by its user-info endpoint', async () => {
    const provider = open()
    expect(Object.fromEntries((await provider.startUrl(attempt)).searchParams)).toEqual({
      response_type: 'code', client_id: 'sallyport', redirect_uri: attempt.redirectUri, state: attempt.state, scope: 'read:user', code_challenge_method: 'S256',
      code_challenge: createHash('sha256').update(attempt.verifier).digest('base64url'),
    })
    expect(await provider.finish(answer(), attempt)).toMatchObject({ subject: '4711', email: null, emailVerified: false, name: 'Ada', groups: ['a', 'b'], sessionId: null, authenticatedAt: null })
    expect(asked[0]?.path).toBe('/token')
    expect(decodeURIComponent(Buffer.from(asked[0]?.authorization?.slice('Basic '.length) ?? '', 'base64').toString('utf8'))).toBe('sallyport:a-client-secret')
    expect(asked[0]?.body.get('code_verifier')).toBe(attempt.verifier)
    expect(asked[1]).toMatchObject({ path: '/user', authorization: 'Bearer an-access-token' })
  })

  test('without a secret is a public client: PKCE alone stands for it', async () => {
    await open({}, null).finish(answer(), attempt)
    expect([asked[0]?.authorization, asked[0]?.body.get('client_id'), asked[0]?.body.has('client_secret')]).toEqual([undefined, 'sallyport', false])
  })

  test.each([true, false, 'true', 1, undefined])('that says %j of an address vouches for it only where that is true', async (verified) => {
    answers.user = { id: 1, email: 'ada@example.org', verified }
    const mapped = await open({ claims: { subject: 'id', email: 'email', emailVerified: 'verified' } }).finish(answer(), attempt)
    expect([mapped.email, mapped.emailVerified]).toEqual(['ada@example.org', verified === true])
    expect((await open({ claims: { subject: 'id', email: 'email' } }).finish(answer(), attempt)).emailVerified).toBe(false)
  })

  test('that keeps addresses apart gives the one that is first and verified, or none', async () => {
    const listed = async (emails: unknown) => {
      answers.emails = emails
      const { email, emailVerified } = await open({ emailsEndpoint: `${origin}/emails` }).finish(answer(), attempt)
      return [email, emailVerified]
    }
    expect(await listed([{ email: 'old@example.org', primary: false, verified: true }, { email: 'ada@example.org', primary: true, verified: true }])).toEqual(['ada@example.org', true])
    expect(await listed([{ email: 'ada@example.org', primary: true, verified: false }, { email: 'b@example.org', primary: false, verified: true }])).toEqual([null, false])
    expect(await listed([{ email: 'ada@example.org', primary: true, verified: 'true' }])).toEqual([null, false])
    expect(await listed([])).toEqual([null, false])
  })

  test.each([
    ['another state', () => answer({ state: 't'.repeat(43) }), {}], ['an error', () => new URLSearchParams({ error: 'access_denied', state: attempt.state }), {}],
    ['another issuer', () => answer({ iss: 'https://other.example.org' }), {}], ['a code that is not taken', () => answer(), { status: 400, body: { error: 'bad_verification_code' } }],
  ])('is refused with %s', async (_name, given, token) => {
    Object.assign(answers, { token: { ...answers.token, ...token } })
    await expect(open().finish(given(), attempt)).rejects.toMatchObject({ name: 'IdentityProviderFailure', kind: 'refused' })
  })

  test.each([[{}], [{ id: null }], [{ id: '' }], [{ id: { a: 1 } }], [{ id: 1.5 }], [[]], ['text'], [{ __proto__: { id: 1 } }]])('that says %j of who signed in says nothing', async (user) => {
    answers.user = user
    await expect(open().finish(answer(), attempt)).rejects.toMatchObject({ name: 'IdentityProviderFailure' })
  })

  test('is another issuer once its answer comes from elsewhere, or another part of it is the subject', async () => {
    const issuerOf = async (more: object) => (await open(more).finish(answer(), attempt)).issuer
    const issuers = await Promise.all([issuerOf({}), issuerOf({ claims: { subject: 'login' } }), issuerOf({ userInfoEndpoint: `${origin}/user?v=2` }), issuerOf({ authorizationEndpoint: `${origin}/elsewhere` })])
    expect(new Set(issuers).size).toBe(3)
  })

  test('over plain HTTP on another machine is not taken unless somebody allows it', async () => {
    const describeWith = async (unsafelyAllowPlainHttp: boolean) => oauth2.create({ ...protocol(), tokenEndpoint: 'http://192.0.2.1/token' }, { clientId: 'x', clientSecret: null, scopes: [], groupsClaim: null, unsafelyAllowPlainHttp }, { fetchConfigured: egress.fetchConfigured, now: () => 0 }).describe()
    await expect(describeWith(false)).rejects.toMatchObject({ kind: 'misconfigured' })
    expect((await describeWith(true)).origins).toEqual(['http://192.0.2.1', origin])
  })
})
