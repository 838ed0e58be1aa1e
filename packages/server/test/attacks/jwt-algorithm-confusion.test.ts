import { createHmac, generateKeyPairSync, sign, type KeyObject } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openTestServer, type Person, type TestServer } from '../../src/testing/server.ts'
import { anotherAddress, askForToken, signInProgram } from '../../src/testing/tokens.ts'

// Abuse 43 and IDN-4: no header chooses how it is checked, and no key but our own checks it (RFC 8725).

let server: TestServer
let owner: Person
let member: Person
let good: { readonly header: Json; readonly claims: Json }
let ownKey: { readonly id: string; readonly privateKey: KeyObject }
let tokens: Awaited<ReturnType<typeof signInProgram>>
type Json = Readonly<Record<string, unknown>>

const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
const decode = (text: string | undefined): Json => JSON.parse(Buffer.from(text ?? '', 'base64url').toString('utf8')) as Json
/** Signs whatever is asked, with whatever key. */
const signed = (header: Json, claims: Json, key: KeyObject = ownKey.privateKey) => {
  const input = `${part(header)}.${part(claims)}`
  return `${input}.${sign(null, Buffer.from(input), key).toString('base64url')}`
}
const withMac = (header: Json, claims: Json, { secret, hash }: { readonly secret: string | Uint8Array; readonly hash: string }) => {
  const input = `${part(header)}.${part(claims)}`
  return `${input}.${createHmac(hash, secret).update(input).digest('base64url')}`
}
const foreign = generateKeyPairSync('ed25519')

beforeAll(async () => {
  server = await openTestServer()
  owner = await server.setUpOwner()
  member = await server.addAccount('member')
  tokens = await signInProgram(server, member)
  const [header, claims] = tokens.access_token.split('.')
  good = { header: decode(header), claims: decode(claims) }
  ownKey = await server.sallyport.domains.signingKeys.signer()
})
afterAll(async () => { await server[Symbol.asyncDispose]() })

/** Each from an address of its own, because wrong credentials from one address are soon told to wait. */
const statusOf = async (token: string) => (await server.call('GET', '/api/v1/session', { headers: { authorization: `Bearer ${token}` }, from: anotherAddress() })).status
const publicForms = async (): Promise<readonly (string | Uint8Array)[]> => {
  const [key] = await server.sallyport.domains.signingKeys.published()
  const x = key?.x ?? ''
  const object = (await import('node:crypto')).createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' })
  return [x, Buffer.from(x, 'base64url'), JSON.stringify(key), object.export({ format: 'pem', type: 'spki' }), object.export({ format: 'der', type: 'spki' })]
}

test('the token that the server gave opens, so that the refusals below mean something', async () => {
  expect(await statusOf(tokens.access_token)).toBe(200)
  // One that this test signs with the server's own key and the same claims is as good: only what is changed below is refused.
  expect(await statusOf(signed(good.header, { ...good.claims, jti: 'another' }))).toBe(200)
})

const NONES = ['none', 'None', 'NONE', 'nOnE', '', null]
test.each(NONES)('alg %j is refused, with and without a signature', async (alg) => {
  const header = { ...good.header, alg }
  const input = `${part(header)}.${part(good.claims)}`
  for (const token of [`${input}.`, `${input}.AAAA`, signed(header, good.claims)]) expect(await statusOf(token)).toBe(401)
})

test.each([['HS256', 'sha256'], ['HS384', 'sha384'], ['HS512', 'sha512']])('%s with the public key as the secret is refused, in every form of the key', async (alg, hash) => {
  for (const secret of await publicForms()) expect(await statusOf(withMac({ ...good.header, alg }, good.claims, { secret, hash }))).toBe(401)
})

test.each(['RS256', 'PS256', 'ES256', 'ES256K', 'EdDSA ', 'eddsa', 'Ed448', 'ES512', 'dir', 'A256KW'])('alg %j is refused, though the signature fits', async (alg) => {
  expect(await statusOf(signed({ ...good.header, alg }, good.claims))).toBe(401)
})

describe('a key that is not ours', () => {
  const jwk = { ...foreign.publicKey.export({ format: 'jwk' }), use: 'sig', alg: 'EdDSA' }
  const tricks: Readonly<Record<string, Json>> = {
    'with our key id': {}, 'with its own key id': { kid: 'foreign' }, 'without a key id': { kid: undefined }, 'with no text as key id': { kid: 7 }, 'with a list of key ids': { kid: ['a'] },
    'brought along (jwk)': { jwk }, 'brought along (jwk), with its own id': { jwk: { ...jwk, kid: 'foreign' }, kid: 'foreign' },
    'at an address (jku)': { jku: 'http://127.0.0.1:9/jwks.json' }, 'at an address (x5u)': { x5u: 'http://127.0.0.1:9/chain.pem' },
    'in a certificate (x5c)': { x5c: ['MIIB'] }, 'by a path (kid)': { kid: '../../../../dev/null' }, 'by SQL (kid)': { kid: "x' union select '00' --" }, 'by prototype (kid)': { kid: '__proto__' },
  }
  test.each(Object.entries(tricks))('%s is refused', async (_, header) => {
    expect(await statusOf(signed({ ...good.header, ...header }, good.claims, foreign.privateKey))).toBe(401)
  })
})

describe('signed with our own key', () => {
  const headers: Readonly<Record<string, Json>> = {
    'a header that names a key (jwk)': { jwk: {} }, 'a header that names an address (jku)': { jku: 'https://example.org' }, 'an extension that must be understood (crit)': { crit: ['exp'], exp: 1 },
    'an unencoded payload (b64)': { b64: false, crit: ['b64'] }, 'the type of an identity token': { typ: 'JWT' }, 'no type': { typ: undefined }, 'a nested token': { cty: 'JWT' }, 'compressed': { zip: 'DEF' },
  }
  test.each(Object.entries(headers))('%s is refused', async (_, header) => {
    expect(await statusOf(signed({ ...good.header, ...header }, good.claims))).toBe(401)
  })

  const now = () => Math.floor(server.clock.now() / 1_000)
  const claims: Readonly<Record<string, () => Json>> = {
    'another issuer': () => ({ iss: 'urn:sallyport:other' }), 'the issuer and more': () => ({ iss: `${String(good.claims['iss'])}x` }), 'no issuer': () => ({ iss: undefined }),
    'another audience': () => ({ aud: 'urn:sallyport:other:api' }), 'the issuer as audience': () => ({ aud: good.claims['iss'] }), 'several audiences': () => ({ aud: [good.claims['aud'], 'urn:other'] }), 'no audience': () => ({ aud: undefined }),
    expired: () => ({ exp: now() - 1 }), 'expiring now': () => ({ exp: now() }), 'without an end': () => ({ exp: undefined }), 'an end that is no number': () => ({ exp: '9999999999' }),
    'a longer life than we give': () => ({ exp: now() + 86_400 }), early: () => ({ nbf: now() + 60 }), 'from the future': () => ({ iat: now() + 60, nbf: now(), exp: now() + 600 }), 'without a beginning': () => ({ nbf: undefined }),
    'another account\'s id with this family': () => ({ sub: owner.account.id }), 'no subject': () => ({ sub: undefined }), 'a family that nobody has': () => ({ sid: `tok_${'0'.repeat(32)}` }),
    'a browser session as family': () => ({ sid: `ses_${'0'.repeat(32)}` }), 'the owner\'s key as family': () => ({ sid: owner.keyId }), 'a claim that we do not give': () => ({ role: 'owner' }), 'a list as subject': () => ({ sub: [member.account.id] }),
  }
  test.each(Object.entries(claims))('%s is refused', async (_, change) => {
    expect(await statusOf(signed(good.header, { ...good.claims, ...change() }))).toBe(401)
  })
})

test('a token that was altered anywhere is refused', async () => {
  const { access_token: token } = tokens
  for (let index = 0; index < token.length; index += 7) {
    const replaced = token[index] === 'A' ? 'B' : 'A'
    const altered = token.slice(0, index) + replaced + token.slice(index + 1)
    // The last character of a base64url text may carry bits that count for nothing, but the text must be the canonical one.
    expect(await statusOf(altered)).toBe(401)
  }
  for (const altered of [`${token}.`, `${token}=`, token.slice(0, -1), `.${token}`, token.replace('.', '..'), token.split('.').slice(0, 2).join('.')]) expect(await statusOf(altered)).toBe(401)
})

test('a refresh token opens nothing, and an access token refreshes nothing', async () => {
  expect(await statusOf(tokens.refresh_token)).toBe(401)
  expect((await server.call('GET', '/api/v1/session', { headers: { 'x-api-key': tokens.refresh_token } })).status).toBe(401)
  expect((await askForToken(server, { grant_type: 'refresh_token', refresh_token: tokens.access_token })).json).toMatchObject({ error: 'invalid_grant' })
  expect((await askForToken(server, { grant_type: 'refresh_token', refresh_token: member.key })).json).toMatchObject({ error: 'invalid_grant' })
  // The refusals above ended nothing.
  expect(await statusOf(tokens.access_token)).toBe(200)
})

test('an access token is a bearer token and nothing else', async () => {
  const call = (headers: Readonly<Record<string, string>>) => server.call('GET', '/api/v1/session', { headers })
  const { access_token: token } = tokens
  expect((await call({ 'x-api-key': token })).status).toBe(401)
  expect((await call({ cookie: `${server.cookieName}=${token}` })).status).toBe(401)
  expect((await call({ authorization: `Basic ${token}` })).status).toBe(401)
  expect((await server.call('GET', `/api/v1/session?access_token=${token}`)).status).not.toBe(200)
})
