import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openIdConnect } from '../../src/adapters/identity-provider/openid-connect/index.ts'
import { systemClock } from '../../src/kernel/clock.ts'
import { createEgress, type Egress } from '../../src/kernel/egress.ts'
import { defaultEgressRules } from '../../src/policy/egress.ts'
import type { LogoutNotice } from '../../src/ports/identity-provider.ts'
import { startLyingProvider, type LyingProvider } from '../../src/testing/lying-identity-provider.ts'

const EVENT = 'http://schemas.openid.net/event/backchannel-logout'
const seconds = () => Math.floor(Date.now() / 1_000)

let liar: LyingProvider
let egress: Egress
let check: (token: string) => Promise<LogoutNotice>
beforeAll(async () => {
  liar = await startLyingProvider()
  egress = createEgress({ clock: systemClock, rules: defaultEgressRules })
  egress.list('liar', { origin: new URL(liar.issuer), allowPrivateAddress: true })
  const provider = openIdConnect.create({ kind: 'oidc', issuer: liar.issuer }, { clientId: liar.clientId, clientSecret: null, scopes: [], groupsClaim: null, unsafelyAllowPlainHttp: false }, { fetchConfigured: egress.fetchConfigured, now: () => systemClock.now() })
  check = (token) => provider.checkLogout?.(token) ?? Promise.reject(new Error('There is no back channel.'))
})
afterAll(async () => {
  await egress.close()
  await liar[Symbol.asyncDispose]()
})

const honest = (over: Record<string, unknown> = {}) => Object.fromEntries(Object.entries({
  iss: liar.issuer, aud: liar.clientId, sub: 'subject-1', sid: 'session-1', jti: 'token-1', iat: seconds(), exp: seconds() + 120, events: { [EVENT]: {} }, ...over,
}).filter(([, value]) => value !== undefined))

describe('a logout token', () => {
  test.each([['logout+jwt'], ['JWT'], [undefined]])('of the type %s is taken, and says who signed out of what', async (typ) => {
    expect(await check(await liar.sign(honest(), typ === undefined ? {} : { typ }))).toMatchObject({ issuer: liar.issuer, subject: 'subject-1', sessionId: 'session-1', tokenId: 'token-1' })
  })

  test('may name a subject or a session alone', async () => {
    expect(await check(await liar.sign(honest({ sid: undefined })))).toMatchObject({ subject: 'subject-1', sessionId: null })
    expect(await check(await liar.sign(honest({ sub: undefined })))).toMatchObject({ subject: null, sessionId: 'session-1' })
  })

  test.each([
    ['without the event', { events: undefined }], ['with another event', { events: { 'http://example.org/other': {} } }], ['with an event that is none', { events: { [EVENT]: 'yes' } }], ['with a list for an event', { events: { [EVENT]: [] } }],
    ['with events that are a list', { events: [EVENT] }], ['with an inherited event', { events: JSON.parse(`{"__proto__":{"${EVENT}":{}}}`) as unknown }],
    ['with a nonce', { nonce: 'n' }], ['from another issuer', { iss: 'https://other.example.org' }], ['for another audience', { aud: 'another-client' }], ['without an audience', { aud: undefined }],
    ['without an id', { jti: undefined }], ['without a moment', { iat: undefined }], ['from long ago', { iat: seconds() - 3_600, exp: seconds() + 120 }], ['from the future', { iat: seconds() + 3_600, exp: seconds() + 7_200 }],
    ['that has expired', { exp: seconds() - 300 }], ['without subject and session', { sub: undefined, sid: undefined }], ['with a subject that is no text', { sub: 7, sid: undefined }],
  ])('%s is refused', async (_name, over) => {
    await expect(check(await liar.sign(honest(over)))).rejects.toMatchObject({ name: 'IdentityProviderFailure', kind: 'refused' })
  })

  test('without a signature, under the client\'s secret, under the public key as a secret, or of another key is refused', async () => {
    const secret = Buffer.from(liar.keys.published.export({ type: 'spki', format: 'pem' }))
    const forged = [
      liar.unsigned(honest()), await liar.sign(honest(), { alg: 'HS256' }, Buffer.from(liar.clientSecret)), await liar.sign(honest(), { alg: 'HS256' }, secret),
      await liar.sign(honest(), {}, liar.keys.foreign), await liar.sign(honest(), { kid: 'two' }, liar.keys.foreign), await liar.sign(honest(), { alg: 'PS256' }),
      await liar.sign(honest(), { typ: 'at+jwt' }), 'no.token.here', '',
    ]
    for (const token of forged) await expect(check(token)).rejects.toMatchObject({ name: 'IdentityProviderFailure', kind: 'refused' })
  })
})

test('an ID token signs nobody out', async () => {
  await expect(check(await liar.sign({ ...honest({ events: undefined, jti: undefined }), nonce: 'n', email: 'ada@example.org' }))).rejects.toMatchObject({ kind: 'refused' })
})
