import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { openRedirectBrowser } from '../../src/testing/redirect-browser.ts'
import { callback, openFederation, start, type Federation } from '../federation/support.ts'

let federation: Federation
beforeAll(async () => {
  federation = await openFederation()
  await federation.save({ newAccounts: { when: 'listed-domains', domains: ['example.org'], role: 'member' } })
  federation.person('mallory', { email: 'mallory@example.org', email_verified: true })
  federation.person('ada', { email: 'ada@example.org', email_verified: true })
})
afterAll(async () => { await federation[Symbol.asyncDispose]() })
beforeEach(() => { federation.server.clock.advance(60_000) })

const REFUSED = '#problem=federated-sign-in-refused'
/** Signs in as far as the answer that the browser was to bring. */
const answerOf = async (name: string, options = {}) => {
  const { browser, page } = await federation.signIn(name, { stopAtCallback: true, ...options })
  expect(page.url.pathname).toBe('/api/v1/session/federated/company/callback')
  return { browser, url: page.url }
}

describe('an answer', () => {
  test('of one browser does not sign another in: one that began nothing, nor one that began a sign-in of its own', async () => {
    const mine = await answerOf('mallory')
    const theirs = await answerOf('ada')
    const fresh = openRedirectBrowser()
    for (const browser of [fresh, theirs.browser]) {
      const page = await browser.go(mine.url.href)
      expect([page.url.hash, await federation.who(browser)]).toEqual([REFUSED, null])
    }
    // Nothing was used up: who began it still comes in.
    await mine.browser.go(mine.url.href)
    expect((await federation.who(mine.browser))?.account.email).toBe('mallory@example.org')
  })

  test('works once: not again in the same browser, nor with its cookie put back, nor twice at the same moment', async () => {
    const { browser, url } = await answerOf('ada')
    const { name, value } = cookieOf(browser)
    await browser.go(url.href)
    expect((await federation.who(browser))?.account.email).toBe('ada@example.org')
    const thief = openRedirectBrowser()
    const replay = () => federation.server.call('GET', `${url.pathname}${url.search}`, { headers: { cookie: `${name}=${value}`, accept: 'application/json' } })
    expect((await thief.go(url.href)).url.hash).toBe(REFUSED)
    expect(await replay()).toMatchObject({ status: 403, json: { code: 'federated-sign-in-refused' } })

    const race = await answerOf('ada')
    const cookie = cookieOf(race.browser)
    const replies = await Promise.all(Array.from({ length: 20 }, () => federation.server.call('GET', `${race.url.pathname}${race.url.search}`, { headers: { cookie: `${cookie.name}=${cookie.value}`, accept: 'application/json' } })))
    expect(replies.filter(({ status }) => status === 200)).toHaveLength(1)
    expect(replies.filter(({ status }) => status === 403)).toHaveLength(19)
  })

  test('is worth nothing ten minutes after the sign-in began', async () => {
    const { browser, url } = await answerOf('ada')
    federation.server.clock.advance(600_001)
    expect((await browser.go(url.href)).url.hash).toBe(REFUSED)
  })

  test('with another state, none, or two is refused', async () => {
    for (const change of [(url: URL) => { url.searchParams.set('state', 'x'.repeat(43)) }, (url: URL) => { url.searchParams.delete('state') }]) {
      const { browser, url } = await answerOf('ada')
      change(url)
      expect([(await browser.go(url.href)).url.hash, await federation.who(browser)]).toEqual([REFUSED, null])
    }
    const { browser, url } = await answerOf('ada')
    expect((await browser.go(`${url.href}&state=${'x'.repeat(43)}`)).url.hash).toBe('#problem=invalid-request')
    expect(await federation.who(browser)).toBeNull()
  })

  test('for one provider is none for another (mix-up): the cookie opens with its own provider alone', async () => {
    const partner = await federation.add('partner', { newAccounts: { when: 'listed-domains', domains: ['example.org'], role: 'member' } })
    const { browser, url } = await answerOf('ada')
    const elsewhere = new URL(`${callback(federation.server, 'partner')}${url.search}`)
    expect([(await browser.go(elsewhere.href)).url.hash, await federation.who(browser)]).toEqual([REFUSED, null])
    // The code of one provider is not shown to another.
    expect(partner.requests.get('/token')).toBeUndefined()
  })
})

describe('a sign-in', () => {
  test('is not begun by another site, not even by a link', async () => {
    for (const [site, status] of [['cross-site', 403], ['same-site', 403], ['same-origin', 303], ['none', 303]] as const) {
      const reply = await federation.server.call('GET', new URL(start(federation.server)).pathname, { headers: { 'sec-fetch-site': site, 'sec-fetch-mode': 'navigate' } })
      expect([site, reply.status]).toEqual([site, status])
      expect(reply.headers['set-cookie'] === undefined).toBe(status === 403)
    }
  })

  test('lives in a cookie that no script reads, no other host gets, and nobody can make', async () => {
    const { headers } = await federation.server.call('GET', new URL(start(federation.server)).pathname)
    expect(headers['set-cookie']).toMatch(/^__Host-sallyport-\d+-sign-in=[\w-]+; Path=\/; Secure; HttpOnly; SameSite=Lax; Max-Age=600$/)
    const { browser, url } = await answerOf('ada')
    const { name, value } = cookieOf(browser)
    for (const forged of ['', 'x', value.slice(0, -4), `${value.slice(0, 20)}AAAA${value.slice(24)}`, Buffer.from('{}').toString('base64url')]) {
      const reply = await federation.server.call('GET', `${url.pathname}${url.search}`, { headers: { cookie: `${name}=${forged}`, accept: 'application/json' } })
      expect(reply).toMatchObject({ status: 403, json: { code: 'federated-sign-in-refused' } })
    }
  })
})

function cookieOf(browser: ReturnType<typeof openRedirectBrowser>): { readonly name: string; readonly value: string } {
  const [name, value] = [...browser.cookies(federation.server.url)].find(([one]) => one.endsWith('-sign-in')) ?? ['', '']
  expect(name).not.toBe('')
  return { name, value }
}
