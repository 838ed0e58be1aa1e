import { createHash } from 'node:crypto'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { openIdConnect } from '../../src/adapters/identity-provider/openid-connect/index.ts'
import { systemClock } from '../../src/kernel/clock.ts'
import { createEgress, type Egress } from '../../src/kernel/egress.ts'
import { Secret } from '../../src/kernel/secret.ts'
import { defaultEgressRules } from '../../src/policy/egress.ts'
import type { IdentityProvider, SignInAttempt } from '../../src/ports/identity-provider.ts'
import { startLyingProvider, type LyingProvider, type Script } from '../../src/testing/lying-identity-provider.ts'

let liar: LyingProvider
let egress: Egress
beforeAll(async () => {
  liar = await startLyingProvider()
  egress = createEgress({ clock: systemClock, rules: defaultEgressRules })
  egress.list('liar', { origin: new URL(liar.issuer), allowPrivateAddress: true })
})
afterAll(async () => {
  await egress.close()
  await liar[Symbol.asyncDispose]()
})
afterEach(() => { liar.script = {} })

const open = (issuer = liar.issuer): IdentityProvider => openIdConnect.create({ kind: 'oidc', issuer }, {
  clientId: liar.clientId, clientSecret: new Secret(liar.clientSecret), scopes: ['email'], groupsClaim: 'realm.groups', unsafelyAllowPlainHttp: false,
}, { fetchConfigured: egress.fetchConfigured, now: () => systemClock.now() })

const attempt: SignInAttempt = { state: 's'.repeat(43), nonce: 'n'.repeat(43), verifier: 'v'.repeat(43), redirectUri: 'http://127.0.0.1:1/callback', freshSince: null }
const seconds = () => Math.floor(Date.now() / 1_000)

async function signIn(script: Script, asked: SignInAttempt = attempt) {
  liar.script = script
  const provider = open()
  const url = await provider.startUrl(asked)
  return provider.finish(liar.answerTo(url), asked)
}

describe('an honest answer', () => {
  test('is taken, with what it says, and was asked for with PKCE, state and nonce', async () => {
    const provider = open()
    const url = await provider.startUrl(attempt)
    expect(Object.fromEntries(url.searchParams)).toMatchObject({
      response_type: 'code', client_id: 'sallyport', scope: 'openid email', state: attempt.state, nonce: attempt.nonce, code_challenge_method: 'S256', redirect_uri: attempt.redirectUri,
      code_challenge: createHash('sha256').update(attempt.verifier).digest('base64url'),
    })
    liar.script = { idToken: { realm: { groups: ['staff', 7, 'admins'] } } }
    expect(await provider.finish(liar.answerTo(url), attempt)).toEqual({
      issuer: liar.issuer, subject: 'subject-1', email: 'ada@example.org', emailVerified: true, name: 'Ada', groups: ['staff', 'admins'], sessionId: 'session-1', authenticatedAt: null,
    })
    expect(liar.asked()?.get('code_verifier')).toBe(attempt.verifier)
    expect(liar.asked()?.has('client_secret')).toBe(false)
  })

  test.each([true, false, undefined, 'true', 1, {}, ['true']])('of an address that is verified as %j counts as verified only where that is true', async (said) => {
    expect((await signIn({ idToken: { email_verified: said } })).emailVerified).toBe(said === true)
  })

  test('takes an address and whether it is verified from one source', async () => {
    const found = await signIn({ idToken: { email: 'ada@example.org', email_verified: undefined, name: undefined }, userInfo: { sub: 'subject-1', email: 'other@example.org', email_verified: true } })
    expect([found.email, found.emailVerified]).toEqual(['ada@example.org', false])
    const other = await signIn({ idToken: { email: undefined, email_verified: true }, userInfo: { sub: 'subject-1', email: 'other@example.org', email_verified: false } })
    expect([other.email, other.emailVerified]).toEqual(['other@example.org', false])
  })
})

interface Lie { readonly name: string; readonly script: () => Script }
const signedBy = (header: Readonly<Record<string, string>>, key: 'secret' | 'foreign' | 'published'): Script => ({
  sign: (claims) => liar.sign(claims, header, key === 'secret' ? Buffer.from(liar.clientSecret) : key === 'foreign' ? liar.keys.foreign : Buffer.from(liar.keys.published.export({ type: 'spki', format: 'pem' }))),
})
const altered = async (claims: Record<string, unknown>) => {
  const [header = '', , signature = ''] = (await liar.sign(claims)).split('.')
  return [header, Buffer.from(JSON.stringify({ ...claims, sub: 'somebody-else' })).toString('base64url'), signature].join('.')
}
const lies: readonly Lie[] = [
  { name: 'from another issuer', script: () => ({ idToken: { iss: 'https://other.example.org' } }) },
  { name: 'from an issuer with another ending', script: () => ({ idToken: { iss: `${liar.issuer}/` } }) },
  { name: 'for another audience', script: () => ({ idToken: { aud: 'another-client' } }) },
  { name: 'for several audiences without a party', script: () => ({ idToken: { aud: ['sallyport', 'another-client'] } }) },
  { name: 'for several audiences and another party', script: () => ({ idToken: { aud: ['sallyport', 'another-client'], azp: 'another-client' } }) },
  { name: 'for us, made for another party', script: () => ({ idToken: { azp: 'another-client' } }) },
  { name: 'without a nonce', script: () => ({ idToken: { nonce: undefined } }) },
  { name: 'with another nonce', script: () => ({ idToken: { nonce: 'm'.repeat(43) } }) },
  { name: 'that has expired', script: () => ({ idToken: { exp: seconds() - 120 } }) },
  { name: 'without an end', script: () => ({ idToken: { exp: undefined } }) },
  { name: 'that is not yet valid', script: () => ({ idToken: { nbf: seconds() + 300 } }) },
  { name: 'without a subject', script: () => ({ idToken: { sub: undefined } }) },
  { name: 'without a signature (alg none)', script: () => ({ sign: (claims) => liar.unsigned(claims) }) },
  { name: 'signed with the client\'s secret (HS256)', script: () => signedBy({ alg: 'HS256' }, 'secret') },
  { name: 'signed with the public key as a secret (HS256)', script: () => signedBy({ alg: 'HS256' }, 'published') },
  { name: 'signed by another key', script: () => signedBy({}, 'foreign') },
  { name: 'that names a key nobody published', script: () => signedBy({ kid: 'two' }, 'foreign') },
  { name: 'altered after it was signed', script: () => ({ sign: altered }) },
  { name: 'that is none', script: () => ({ sign: () => 'no.token.here' }) },
  { name: 'left out', script: () => ({ sign: () => null }) },
]
describe.each(lies)('an ID token $name', ({ script }) => {
  test('is refused', async () => {
    await expect(signIn(script())).rejects.toMatchObject({ name: 'IdentityProviderFailure', kind: 'refused' })
  })
})

const answers: readonly Lie[] = [
  { name: 'another state', script: () => ({ answer: { state: 't'.repeat(43) } }) },
  { name: 'no state', script: () => ({ answer: { state: undefined } }) },
  { name: 'another issuer (mix-up)', script: () => ({ answer: { iss: 'https://other.example.org' } }) },
  { name: 'no issuer, though the provider promises one', script: () => ({ answer: { iss: undefined } }) },
  { name: 'an error', script: () => ({ answer: { code: undefined, error: 'access_denied' } }) },
  { name: 'an ID token in the address', script: () => ({ answer: { id_token: 'a.b.c' } }) },
  { name: 'a whole answer in the address', script: () => ({ answer: { response: 'a.b.c' } }) },
  { name: 'a code that the provider does not take', script: () => ({ tokenAnswer: { status: 400, body: { error: 'invalid_grant' } } }) },
]
describe.each(answers)('an answer with $name', ({ script }) => {
  test('is refused', async () => {
    await expect(signIn(script())).rejects.toMatchObject({ name: 'IdentityProviderFailure', kind: 'refused' })
  })
})

describe('a provider that lies of itself', () => {
  test.each([
    ['another issuer', { issuer: 'https://other.example.org' }], ['its issuer with another ending', { issuer: 'with a slash' }],
    ['only algorithms that are not safe', { id_token_signing_alg_values_supported: ['HS256', 'none'] }],
    ['a token endpoint over plain HTTP on another machine', { token_endpoint: 'http://192.0.2.1/token' }], ['a token endpoint with credentials in it', { token_endpoint: 'https://user:word@example.org/token' }],
    ['keys in a file', { jwks_uri: 'file:///etc/passwd' }], ['no keys', { jwks_uri: undefined }],
  ])('with %s is not taken', async (_name, metadata) => {
    liar.script = { metadata: 'issuer' in metadata && metadata.issuer === 'with a slash' ? { issuer: `${liar.issuer}/` } : metadata }
    await expect(open().describe()).rejects.toMatchObject({ name: 'IdentityProviderFailure' })
  })

  test('with endpoints at a host that was not saved reaches nobody there', async () => {
    await using elsewhere = await startLyingProvider()
    liar.script = { metadata: { token_endpoint: `${elsewhere.issuer}/token`, jwks_uri: `${elsewhere.issuer}/keys`, userinfo_endpoint: `${elsewhere.issuer}/userinfo` } }
    const provider = open()
    const url = await provider.startUrl(attempt)
    await expect(provider.finish(liar.answerTo(url), attempt)).rejects.toMatchObject({ kind: 'unavailable' })
    expect(elsewhere.requests).toEqual([])
  })

  test('sends its token endpoint elsewhere in vain: the code and the secret stay here', async () => {
    await using elsewhere = await startLyingProvider()
    await expect(signIn({ tokenAnswer: { status: 307, body: {}, headers: { location: `${elsewhere.issuer}/token` } } })).rejects.toMatchObject({ kind: 'unavailable' })
    expect(elsewhere.requests).toEqual([])
  })

  test('with another subject at its user-info endpoint is refused', async () => {
    await expect(signIn({ idToken: { email: undefined }, userInfo: { sub: 'somebody-else', email: 'ada@example.org', email_verified: true } })).rejects.toMatchObject({ kind: 'refused' })
  })
})

describe('who was asked to prove themselves again', () => {
  const fresh = () => ({ ...attempt, freshSince: Date.now() })
  test('has done so since then, by the provider\'s word', async () => {
    const url = await open().startUrl(fresh())
    expect([url.searchParams.get('prompt'), url.searchParams.get('max_age')]).toEqual(['login', '0'])
    expect((await signIn({ idToken: { auth_time: seconds() } }, fresh())).authenticatedAt).toBeGreaterThan(Date.now() - 60_000)
  })
  test.each([['long ago', () => seconds() - 3_600], ['a while before', () => seconds() - 180], ['at no time', () => undefined]])('is refused when that was %s', async (_name, at) => {
    await expect(signIn({ idToken: { auth_time: at() } }, fresh())).rejects.toMatchObject({ kind: 'refused' })
  })
})
