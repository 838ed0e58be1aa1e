import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { callerLike } from '../../src/testing/caller.ts'
import { openRedirectBrowser, type RedirectBrowser } from '../../src/testing/redirect-browser.ts'
import type { Person } from '../../src/testing/server.ts'
import { openFederation, type Federation } from './support.ts'

let federation: Federation
beforeAll(async () => {
  federation = await openFederation()
  await federation.save({ linkByVerifiedEmail: 'never' })
})
afterAll(async () => { await federation[Symbol.asyncDispose]() })
beforeEach(() => { federation.server.clock.advance(120_000) })

interface Identities { readonly items: readonly { readonly id: string; readonly provider: string; readonly shownAs: string | null }[] }
const identitiesOf = async (person: Pick<Person, 'call'>) => ((await person.call('GET', '/api/v1/account/identities')).json as Identities).items

/** Begins to link as the page does, in a browser, and goes to the provider and back. */
async function link(person: Person, name: string, browser: RedirectBrowser = openRedirectBrowser()) {
  const { server } = federation
  const reply = await server.call('POST', '/api/v1/account/identities', { body: { provider: 'company' }, headers: { cookie: person.cookie, origin: server.url } })
  expect(reply.status).toBe(200)
  const [pair = ''] = (reply.headers['set-cookie'] ?? '').split(';')
  const jar = browser.cookies(server.url) as Map<string, string>
  jar.set(pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1))
  const form = await browser.go((reply.json as { url: string }).url)
  return form.url.pathname.startsWith('/interaction/') ? browser.go(form.url.href, { form: `login=${name}` }) : form
}

test('an identity that somebody links on their account page opens the account from then on, whatever its address', async () => {
  const ann = await federation.server.addAccount('ann')
  federation.person('ann', { email: 'ann@elsewhere.example', email_verified: false })
  expect((await federation.signIn('ann')).account).toBeNull()
  expect((await link(ann, 'ann')).url.pathname).toBe('/account')
  expect(await identitiesOf(ann)).toMatchObject([{ provider: 'company', shownAs: 'ann@elsewhere.example' }])
  expect((await federation.signIn('ann')).account?.id).toBe(ann.account.id)
})

test('an owner\'s account is linked in this way, and no other', async () => {
  federation.person('olive', { email: federation.owner.account.email, email_verified: true })
  expect((await federation.signIn('olive')).account).toBeNull()
  await link(federation.owner, 'olive')
  expect((await federation.signIn('olive')).account?.role).toBe('owner')
})

test('an identity that opens one account is not linked to another', async () => {
  const [bob, eve] = [await federation.server.addAccount('bob'), await federation.server.addAccount('eve')]
  federation.person('bob', { email: 'bob@elsewhere.example' })
  await link(bob, 'bob')
  expect((await link(eve, 'bob')).url.hash).toBe('#problem=conflict')
  expect(await identitiesOf(eve)).toEqual([])
})

test('what was begun in a session that has ended links nothing', async () => {
  const carl = await federation.server.addAccount('carl')
  const renewed = await federation.server.renew(carl)
  federation.person('carl', { email: 'carl@elsewhere.example' })
  const { server } = federation
  const reply = await server.call('POST', '/api/v1/account/identities', { body: { provider: 'company' }, headers: { cookie: carl.cookie, origin: server.url } })
  const [pair = ''] = (reply.headers['set-cookie'] ?? '').split(';')
  const browser = openRedirectBrowser()
  ;(browser.cookies(server.url) as Map<string, string>).set(pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1))
  const form = await browser.go((reply.json as { url: string }).url)
  expect((await carl.call('DELETE', '/api/v1/session')).status).toBe(204)
  expect((await browser.go(form.url.href, { form: 'login=carl' })).url.hash).toBe('#problem=federated-sign-in-refused')
  expect(await identitiesOf(renewed)).toEqual([])
})

test('linking needs a fresh proof, and no key does it', async () => {
  const dora = await federation.server.addAccount('dora')
  expect((await dora.program('POST', '/api/v1/account/identities', { provider: 'company' })).status).toBe(403)
  const { server } = federation
  const stale = await server.sallyport.domains.sessions.begin(callerLike(dora.account.id, 'member'), dora.account, { authenticatedAt: 1, secondFactorAt: null })
  const reply = await server.call('POST', '/api/v1/account/identities', { body: { provider: 'company' }, headers: { cookie: `${server.cookieName}=${stale.token}`, origin: server.url } })
  expect([reply.status, (reply.json as { code: string }).code]).toEqual([403, 'fresh-sign-in-needed'])
})

test('an identity is unlinked by its owner, ends what began with it, and stays where nothing else opens the account', async () => {
  const ed = await federation.server.addAccount('ed')
  federation.person('ed', { email: 'ed@elsewhere.example' })
  await link(ed, 'ed')
  const { browser } = await federation.signIn('ed')
  const [identity] = await identitiesOf(ed)
  const frank = await federation.server.addAccount('frank')
  expect((await frank.call('DELETE', `/api/v1/account/identities/${identity?.id ?? ''}`)).status).toBe(404)
  expect((await federation.who(browser))?.account.id).toBe(ed.account.id)

  const { database } = federation.server.sallyport
  const setPassword = (sealed: Buffer | null) => database.write([{ query: database.read.updateTable('account').set({ password_sealed: sealed }).where('id', '=', ed.account.id).compile() }])
  await setPassword(null)
  expect((await ed.call('DELETE', `/api/v1/account/identities/${identity?.id ?? ''}`)).status).toBe(409)
  await setPassword(Buffer.from('some hash'))
  expect((await ed.call('DELETE', `/api/v1/account/identities/${identity?.id ?? ''}`)).status).toBe(204)
  expect(await federation.who(browser)).toBeNull()
  expect((await federation.signIn('ed')).account).toBeNull()
})
