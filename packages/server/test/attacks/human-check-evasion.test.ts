// Whoever was asked to show that they are no program tries to get by without the work: with a solution that was used, or that was meant for
// another operation or another address, with a forged or an easier challenge, with an old one, or with one solution fifty times at once.
import { afterEach, describe, expect, test, vi } from 'vitest'
import type { ProofOfWorkSolution } from '@sallyport/contract'
import { solve, offerIn, toHeader } from '../../src/testing/human-check.ts'
import { openTestServer, PASSWORD, type TestServer } from '../../src/testing/server.ts'

let server: TestServer | undefined
afterEach(async () => { await server?.[Symbol.asyncDispose](); server = undefined })

const FAR = '127.0.0.9'
const BAN_POINTS = 400
const EMAIL = 'owner@example.org'
const open = async (settings: Readonly<Record<string, string>> = {}) => {
  server = await openTestServer({ settings: { LIMITS_BAN_POINTS: String(BAN_POINTS), HUMAN_CHECK_COUNTERS: '100', LIMITS_RATES: JSON.stringify({ 'sign-in': 100, token: 10_000, 'turn-by-address': 1_000_000 }), ...settings } })
  server.clock.stop()
  const owner = await server.setUpOwner()
  return { at: server, owner, ...hands(server) }
}
const hands = (at: TestServer) => {
  const signIn = (answer?: string, from = FAR) => at.call('POST', '/api/v1/session', { from, body: { email: EMAIL, password: PASSWORD }, headers: { origin: at.url, ...(answer !== undefined && { 'sallyport-human-check': answer }) } })
  return {
    signIn,
    suspect: (id = FAR, share = 0.5) => { for (let point = 0; point < BAN_POINTS * share; point += 1) at.sallyport.domains.penalties.note({ kind: 'address', id }, 'limit-reached') },
    solved: async () => solve(offerIn((await signIn()).json)),
    pointsOf: (id = FAR) => Math.round(at.sallyport.domains.penalties.suspicionOf({ kind: 'address', id }).share * BAN_POINTS),
  }
}
const codeOf = ({ status, json }: { readonly status: number; readonly json: unknown }) => (json as { code?: string } | null)?.code ?? status

describe('getting by without the work', () => {
  test('who is calm is never asked; who is suspicious is, and gets in with a solution, with points back', async () => {
    const { signIn, suspect, solved, pointsOf } = await open()
    expect(codeOf(await signIn())).toBe(200)
    suspect()
    const before = pointsOf()
    const answer = toHeader(await solved())
    expect(codeOf(await signIn(answer))).toBe(200)
    // One point for having been asked, and a quarter of those for a ban taken back.
    expect(pointsOf()).toBe(before + 1 - BAN_POINTS / 4)
    expect(codeOf(await signIn())).toBe(200)
  })

  test('a replayed solution', async () => {
    const { signIn, suspect, solved, pointsOf } = await open()
    suspect()
    const answer = toHeader(await solved())
    expect(codeOf(await signIn(answer))).toBe(200)
    suspect()
    const before = pointsOf()
    expect(codeOf(await signIn(answer))).toBe('human-check-needed')
    expect(pointsOf()).toBe(before + 5 + 1)
  })

  test('a replay over a restart of the server', async () => {
    const { at, signIn, suspect, solved } = await open()
    suspect()
    const answer = toHeader(await solved())
    expect(codeOf(await signIn(answer))).toBe(200)
    await at.restart()
    suspect()
    expect(codeOf(await hands(at).signIn(answer))).toBe('human-check-needed')
  })

  test('a solution for another operation', async () => {
    const { at, signIn, suspect } = await open()
    suspect()
    const refused = await at.call('POST', '/api/v1/password-resets', { from: FAR, body: { email: EMAIL }, headers: { origin: at.url } })
    expect(codeOf(await signIn(toHeader(await solve(offerIn(refused.json)))))).toBe('human-check-needed')
  })

  test('a solution from another address', async () => {
    const { signIn, suspect, solved } = await open()
    suspect()
    suspect('127.0.0.10')
    const answer = toHeader(await solved())
    expect(codeOf(await signIn(answer, '127.0.0.10'))).toBe('human-check-needed')
    // It was not used up by that.
    expect(codeOf(await signIn(answer))).toBe(200)
  })

  test('an expired challenge', async () => {
    const { at, signIn, suspect, solved, pointsOf } = await open()
    suspect(FAR, 0.9)
    const answer = toHeader(await solved())
    at.clock.advance(301_000)
    const before = pointsOf()
    expect(codeOf(await signIn(answer))).toBe('human-check-needed')
    // Being slow costs no more than being asked.
    expect(pointsOf()).toBe(before + 1)
  })

  const tampered: readonly (readonly [string, (payload: ProofOfWorkSolution) => unknown])[] = [
    ['fewer rounds', (payload) => withParameters(payload, { cost: 1 })],
    ['a shorter prefix', (payload) => withParameters(payload, { keyPrefix: payload.challenge.parameters.keyPrefix.slice(0, 2) })],
    ['fewer tries', (payload) => withParameters(payload, { data: { ...payload.challenge.parameters.data, counters: 1 } })],
    ['a later end', (payload) => withParameters(payload, { expiresAt: payload.challenge.parameters.expiresAt + 3_600 })],
    ['another key signature', (payload) => withParameters(payload, { keySignature: '00'.repeat(32) })],
    ['no key signature', (payload) => withParameters(payload, { keySignature: undefined })],
    ['no end', (payload) => withParameters(payload, { expiresAt: undefined })],
    ['one field more', (payload) => withParameters(payload, { memoryCost: 1 })],
    ['no signature', ({ challenge: { parameters }, solution }) => ({ challenge: { parameters }, solution })],
    ['an empty signature', ({ challenge, solution }) => ({ challenge: { ...challenge, signature: '' }, solution })],
    ['a signature of its own', ({ challenge, solution }) => ({ challenge: { ...challenge, signature: 'ab'.repeat(32) }, solution })],
    ['the prefix as the key', ({ challenge, solution }) => ({ challenge, solution: { ...solution, derivedKey: challenge.parameters.keyPrefix.padEnd(64, '0') } })],
    ['an empty key', ({ challenge, solution }) => ({ challenge, solution: { ...solution, derivedKey: '' } })],
  ]
  const withParameters = ({ challenge, solution }: ProofOfWorkSolution, parameters: object) => ({ challenge: { ...challenge, parameters: { ...challenge.parameters, ...parameters } }, solution })

  test('a forged challenge, and one that was made easier', async () => {
    const { at, signIn, suspect, solved } = await open()
    suspect()
    const payload = await solved()
    for (const [name, tamper] of tampered) {
      expect([name, codeOf(await signIn(toHeader(tamper(payload))))]).toEqual([name, 'human-check-needed'])
      at.clock.advance(1)
    }
    // As it was made it still holds.
    expect(codeOf(await signIn(toHeader(payload)))).toBe(200)
  })

  test('one solution fifty times at once lets one in', async () => {
    const { signIn, suspect, solved } = await open()
    suspect(FAR, 0.8)
    const answer = toHeader(await solved())
    const codes = (await Promise.all(Array.from({ length: 50 }, () => signIn(answer)))).map(codeOf)
    expect(codes.filter((code) => code === 200)).toHaveLength(1)
    expect(codes.filter((code) => code !== 200 && code !== 'human-check-needed' && code !== 'banned')).toEqual([])
  })

  test('going on without an answer leads to a ban', async () => {
    const { signIn, suspect } = await open()
    suspect()
    for (let call = 0; call < BAN_POINTS * 0.5; call += 1) expect(codeOf(await signIn())).toBe('human-check-needed')
    await vi.waitFor(async () => { expect(codeOf(await signIn())).toBe('banned') }, { timeout: 10_000, interval: 5 })
  })

  test('passwords are not guessed at the token endpoint instead', async () => {
    const { at, suspect } = await open()
    suspect()
    const ask = (answer?: string) => at.call('POST', '/api/v1/auth/token', { from: FAR, body: { grant_type: 'password', username: EMAIL, password: PASSWORD }, ...(answer !== undefined && { headers: { 'sallyport-human-check': answer } }) })
    const refused = await ask()
    expect([refused.status, refused.json]).toMatchObject([403, { error: 'human_check_needed', code: 'human-check-needed' }])
    const { humanCheck } = refused.json as { humanCheck: Parameters<typeof solve>[0] }
    expect((await ask(toHeader(await solve(humanCheck)))).status).toBe(200)
  })
})

describe('who is never asked', () => {
  test('a key, in whatever header, and a token that was got with one', async () => {
    const { at, owner, suspect } = await open()
    suspect()
    const { penalties } = at.sallyport.domains
    for (let point = 0; point < BAN_POINTS * 0.6; point += 1) penalties.note({ kind: 'key', id: owner.keyId }, 'limit-reached')
    const traded = await at.call('POST', '/api/v1/auth/token', { from: FAR, body: { grant_type: 'client_credentials', client_id: owner.keyId, client_secret: owner.key } })
    const { access_token: token } = traded.json as { access_token: string }
    for (const headers of [{ authorization: `Bearer ${owner.key}` }, { 'x-api-key': owner.key }, { authorization: `Bearer ${token}` }]) {
      expect((await at.call('POST', '/api/v1/conversations', { from: FAR, headers, body: {} })).status).toBe(200)
      expect((await at.call('POST', '/api/v1/chat', { from: FAR, headers, body: { text: 'Hello' } })).status).toBe(200)
    }
  })

  test('a calm session behind a suspicious address; one whose own points are many is', async () => {
    const { at, owner, suspect } = await open()
    suspect()
    const begin = (answer?: string) => at.call('POST', '/api/v1/conversations', { from: FAR, body: {}, headers: { cookie: owner.cookie, origin: at.url, ...(answer !== undefined && { 'sallyport-human-check': answer }) } })
    expect(codeOf(await begin())).toBe(200)
    for (let point = 0; point < BAN_POINTS * 0.6; point += 1) at.sallyport.domains.penalties.note({ kind: 'account', id: owner.account.id }, 'limit-reached')
    const refused = await begin()
    expect(codeOf(refused)).toBe('human-check-needed')
    expect(codeOf(await begin(toHeader(await solve(offerIn(refused.json)))))).toBe(200)
  })

  test('the administration socket, and whoever was forgiven by an operator', async () => {
    const { at, owner, signIn, suspect } = await open()
    suspect()
    expect(codeOf(await signIn())).toBe('human-check-needed')
    const { items } = (await owner.call('GET', '/api/v1/bans')).json as { items: readonly { readonly id: string; readonly step: string }[] }
    // What led to it stays the reason, and not that it was asked for.
    expect(items).toMatchObject([{ step: 'challenged', allowance: 0.2, why: 'too many requests after a limit was reached' }])
    expect((await owner.call('DELETE', `/api/v1/bans/${items[0]?.id ?? ''}`)).status).toBe(204)
    expect(codeOf(await signIn())).toBe(200)
    const reply = await at.sallyport.apps.local.inject({ method: 'POST', url: '/api/v1/conversations', payload: {} })
    expect(reply.statusCode).toBe(200)
  })
})

test('the more points, the harder', async () => {
  const { suspect, signIn } = await open()
  const counters: number[] = []
  for (const share of [0.5, 0.21, 0.16]) {
    suspect(FAR, share)
    const offer = offerIn((await signIn()).json)
    counters.push(offer.kind === 'proof-of-work' ? offer.challenge.parameters.data.counters : 0)
  }
  expect(counters).toEqual([100, 300, 800])
})

test('nobody gets in while nobody can tell', async () => {
  const { suspect, signIn } = await open({ HUMAN_CHECK_KIND: 'turnstile', HUMAN_CHECK_SITE_KEY: '1x00', TEST_SECRET: 'the secret key of a site', HUMAN_CHECK_CREDENTIAL: 'env:SALLYPORT_TEST_SECRET', HUMAN_CHECK_BASE_URL: 'http://127.0.0.1:9', HUMAN_CHECK_ALLOW_PRIVATE_ADDRESS: 'true' })
  suspect()
  expect(offerIn((await signIn()).json)).toMatchObject({ kind: 'widget', siteKey: '1x00', action: 'signIn' })
  expect(codeOf(await signIn('some-token'))).toBe('human-check-unavailable')
})
