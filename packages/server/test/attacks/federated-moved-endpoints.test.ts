import { afterAll, beforeAll, expect, test } from 'vitest'
import { startLyingProvider, type LyingProvider } from '../../src/testing/lying-identity-provider.ts'
import { openRedirectBrowser } from '../../src/testing/redirect-browser.ts'
import { openFederation, type Federation } from '../federation/support.ts'

const HOUR = 3_600_000
let federation: Federation
let liar: LyingProvider
beforeAll(async () => {
  federation = await openFederation()
  await federation.save()
  liar = await startLyingProvider()
})
afterAll(async () => {
  await liar[Symbol.asyncDispose]()
  await federation[Symbol.asyncDispose]()
})

/** With a session of its own: hours pass in between. */
const save = async () => (await federation.server.renew(federation.owner)).call('PUT', '/api/v1/identity-providers/liar', {
  label: 'Liar', protocol: { kind: 'oidc', issuer: liar.issuer }, clientId: liar.clientId, clientSecret: liar.clientSecret, allowPrivateAddress: true, newAccounts: { when: 'listed-domains', domains: ['example.org'], role: 'member' },
})
async function signIn() {
  const browser = openRedirectBrowser()
  const { url } = await browser.go(`${federation.server.url}/api/v1/session/federated/liar`, { stop: (next) => next.origin === liar.issuer })
  if (url.origin !== liar.issuer) return { hash: url.hash, who: null }
  const page = await browser.go(`${federation.server.url}/api/v1/session/federated/liar/callback?${liar.answerTo(url).toString()}`)
  return { hash: page.url.hash, who: await federation.who(browser) }
}

test('a provider that moves its endpoints to a host of another, after it was saved, gets neither code nor secret there, until somebody saves it again', async () => {
  expect((await save()).status).toBe(200)
  liar.script = {}
  expect((await signIn()).who).not.toBeNull()
  // The other provider's host is on the list of the way out, for that one.
  const { issuer } = federation.provider
  liar.script = { metadata: { token_endpoint: `${issuer}/token`, jwks_uri: `${issuer}/jwks`, userinfo_endpoint: `${issuer}/me` } }
  federation.server.clock.advance(HOUR + 1_000)
  const [before, asked] = [federation.provider.requests.get('/token'), liar.requests.filter((line) => line.includes('openid-configuration')).length]
  expect(await signIn()).toEqual({ hash: '#problem=identity-provider-error', who: null })
  expect(liar.requests.filter((line) => line.includes('openid-configuration')).length).toBe(asked + 1)
  expect(federation.provider.requests.get('/token')).toBe(before)
})

test('a provider whose document names another issuer from one day to the next signs nobody in', async () => {
  liar.script = {}
  expect((await save()).status).toBe(200)
  liar.script = { metadata: { issuer: 'https://other.example.org' } }
  federation.server.clock.advance(HOUR + 1_000)
  expect((await signIn()).hash).toBe('#problem=identity-provider-error')
})

test('a provider at a private address is not reached unless that was allowed, and one at a cloud\'s metadata never', async () => {
  const owner = await federation.server.renew(federation.owner)
  const attempt = async (request: object) => (await owner.call('PUT', '/api/v1/identity-providers/inner', { label: 'Inner', clientId: 'x', ...request })).status
  await using inner = await startLyingProvider()
  expect(await attempt({ protocol: { kind: 'oidc', issuer: inner.issuer } })).toBe(502)
  for (const issuer of ['https://169.254.169.254', 'https://[fd00:ec2::254]', 'http://169.254.169.254', 'https://[::ffff:127.0.0.1]']) expect(await attempt({ protocol: { kind: 'oidc', issuer } })).toBe(502)
  expect(inner.requests).toEqual([])
  expect(await attempt({ protocol: { kind: 'oidc', issuer: inner.issuer }, allowPrivateAddress: true })).toBe(200)
})
