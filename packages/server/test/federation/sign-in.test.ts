import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openFederation, requestFor, start, type Federation } from './support.ts'

let federation: Federation
beforeEach(async () => { federation = await openFederation() })
afterEach(async () => { await federation[Symbol.asyncDispose]() })

const ADA = { email: 'ada@example.org', email_verified: true, name: 'Ada Lovelace' }
const BY_DOMAIN = { newAccounts: { when: 'listed-domains' as const, domains: ['example.org'], role: 'member' as const } }

describe('signing in at a provider', () => {
  test('makes an account where its domain is listed, opens the same one the next time, and another for somebody else', async () => {
    const { save, person, signIn, provider } = federation
    await save(BY_DOMAIN)
    person('ada', ADA)
    person('bob', { email: 'bob@example.org', email_verified: true })
    const first = await signIn('ada')
    expect(first.page.url.pathname).toBe('/')
    expect(first.account).toMatchObject({ email: 'ada@example.org', name: 'Ada Lovelace', role: 'member' })
    const [again, other] = [await signIn('ada'), await signIn('bob')]
    expect(again.account?.id).toBe(first.account?.id)
    expect(other.account?.id).not.toBe(first.account?.id)
    expect(provider.requests.get('/token')).toBe(3)
  })

  test('shows a button for each provider to anybody, and their settings to those alone who keep them', async () => {
    const { server, owner, save, add } = federation
    await save()
    await add('partner', { label: 'Partner' })
    expect((await server.call('GET', '/api/v1/sign-in-providers')).json).toEqual({ items: [{ name: 'company', label: 'Company' }, { name: 'partner', label: 'Partner' }] })
    const shown = (await owner.call('GET', '/api/v1/identity-providers')).text
    expect(shown).toContain('"hasClientSecret":true')
    expect(shown).not.toContain('a-client-secret-of-tests')
    expect(await server.storedRows()).not.toContain('a-client-secret-of-tests')
    expect((await (await server.addAccount('member')).call('GET', '/api/v1/identity-providers')).status).toBe(403)
  })

  test('goes on where it was begun from, within this server', async () => {
    const { save, person, signIn, server } = federation
    await save(BY_DOMAIN)
    person('ada', ADA)
    expect((await signIn('ada', { query: '?returnTo=/account/sessions' })).page.url.href).toBe(`${server.url}/account/sessions`)
    for (const elsewhere of ['//evil.example', 'https://evil.example', '/\\evil.example', '/%2F/evil.example', '/a?b=c', '/a#b', 'javascript:alert(1)', '/.//evil.example']) {
      expect((await server.call('GET', `/api/v1/session/federated/company?returnTo=${encodeURIComponent(elsewhere)}`)).status).toBe(400)
    }
  })

  test('holds for two providers beside each other, each with accounts of its own', async () => {
    const { save, add, person, signIn } = federation
    await save(BY_DOMAIN)
    const partner = await add('partner', { label: 'Partner', newAccounts: { when: 'listed-domains', domains: ['partner.org'], role: 'guest' } })
    person('ada', ADA)
    person('ada', { email: 'ada@partner.org', email_verified: true }, partner)
    const [here, there] = [await signIn('ada'), await signIn('ada', { providerName: 'partner' })]
    expect([here.account?.role, there.account?.role]).toEqual(['member', 'guest'])
    expect(here.account?.id).not.toBe(there.account?.id)
  })

  test('of somebody who changes their mind ends with a word and without a session', async () => {
    const { save, person, signIn } = federation
    await save(BY_DOMAIN)
    person('ada', ADA)
    const { page, account } = await signIn('nobody')
    expect([page.url.pathname, page.url.hash, account]).toEqual(['/sign-in', '#problem=federated-sign-in-refused', null])
  })

  test('is refused for a suspended account, though the provider vouches for it', async () => {
    const { save, person, signIn, owner } = federation
    await save(BY_DOMAIN)
    person('ada', ADA)
    const { account } = await signIn('ada')
    expect((await owner.call('PATCH', `/api/v1/accounts/${account?.id ?? ''}`, { status: 'suspended' })).status).toBe(200)
    const again = await signIn('ada')
    expect([again.page.url.hash, again.account]).toEqual(['#problem=federated-sign-in-refused', null])
  })

  test('asks for the second factor of an account that has one: the provider\'s word is the first alone', async () => {
    const { save, person, signIn, server } = federation
    await save(BY_DOMAIN)
    person('ada', ADA)
    const { account } = await signIn('ada')
    await server.sallyport.database.write([{ query: server.sallyport.database.read.insertInto('factor').values({
      id: `fac_${'1'.repeat(32)}`, account_id: account?.id ?? '', kind: 'totp', name_sealed: new Uint8Array([1]), secret_sealed: new Uint8Array([1]), counter: 0, credential_digest: null, domain: null, is_synced: 0, created_at: 1, confirmed_at: 1, last_used_at: null, suspended_at: null,
    }).compile() }])
    const again = await signIn('ada')
    expect(again.account).toBeNull()
    expect(again.page.url.pathname).toBe('/sign-in')
    expect(again.page.url.hash).toMatch(/^#second-factor=[\w-]{43}&factors=totp$/)
  })
})

describe('a provider', () => {
  test('that cannot be reached is not saved, and says so', async () => {
    const { owner, provider, server } = federation
    const saved = async (settings: object) => (await owner.call('PUT', '/api/v1/identity-providers/other', { ...requestFor(provider), ...settings })).status
    expect(await saved({ protocol: { kind: 'oidc', issuer: 'http://127.0.0.1:9' } })).toBe(502)
    expect(await saved({ allowPrivateAddress: false })).toBe(502)
    expect(await saved({ protocol: { kind: 'oidc', issuer: `${provider.issuer}/` } })).toBe(502)
    expect(await saved({ protocol: { kind: 'oidc', issuer: 'http://idp.example.org' } })).toBe(502)
    expect((await server.call('GET', '/api/v1/sign-in-providers')).json).toEqual({ items: [] })
  })

  test('keeps its secret over a change, but for one that sends it elsewhere', async () => {
    const { owner, provider, save, add } = federation
    await save()
    const elsewhere = await add('partner')
    const change = async (request: object) => (await owner.call('PUT', '/api/v1/identity-providers/company', { ...requestFor(provider), clientSecret: undefined, ...request })).json as { hasClientSecret: boolean }
    expect((await change({ label: 'Other' })).hasClientSecret).toBe(true)
    expect((await change({ protocol: { kind: 'oidc', issuer: elsewhere.issuer } })).hasClientSecret).toBe(false)
  })

  test('that is removed takes its identities and the sessions that began there along, at once', async () => {
    const { owner, save, person, signIn, who, server } = federation
    await save(BY_DOMAIN)
    person('ada', ADA)
    const { browser, account } = await signIn('ada')
    expect(account).not.toBeNull()
    expect((await owner.call('DELETE', '/api/v1/identity-providers/company')).status).toBe(204)
    expect((await owner.call('DELETE', '/api/v1/identity-providers/company')).status).toBe(404)
    expect(await who(browser)).toBeNull()
    expect((await browser.get(start(server))).status).toBe(404)
    await save({ ...BY_DOMAIN, linkByVerifiedEmail: 'never' })
    expect((await signIn('ada')).account).toBeNull()
  })

  test('of the configuration is used, keeps its secret to itself, and is changed there alone', async () => {
    const { provider, server, owner } = federation
    await writeFile(join(server.configDirectory, 'secret.txt'), provider.clientSecret, { mode: 0o600 })
    const { clientSecret: _secret, ...settings } = requestFor(provider, { label: 'From the file' })
    await writeFile(join(server.configDirectory, 'sallyport.json'), JSON.stringify({ identityProviders: { fixed: { ...settings, clientSecret: `file:${join(server.configDirectory, 'secret.txt')}` } } }), { mode: 0o600 })
    await server.restart()
    const again = await server.renew(owner)
    expect((await again.call('GET', '/api/v1/identity-providers')).json).toMatchObject({ items: [{ name: 'fixed', origin: 'configuration', hasClientSecret: true }] })
    const sent = await server.call('GET', '/api/v1/session/federated/fixed')
    expect([sent.status, new URL(sent.headers['location'] ?? '').origin]).toEqual([303, provider.issuer])
    expect((await again.call('PUT', '/api/v1/identity-providers/fixed', requestFor(provider))).status).toBe(409)
    expect((await again.call('DELETE', '/api/v1/identity-providers/fixed')).status).toBe(409)
  })
})

describe('groups of a provider', () => {
  const group = async (name: string, role: string | null) => ((await federation.owner.call('POST', '/api/v1/groups', { name, role })).json as { id: string }).id
  test('give their role at the sign-in, and take it at the next one that does not name them', async () => {
    const { save, person, signIn, who } = federation
    const groupId = await group('Operators', 'operator')
    await save({ ...BY_DOMAIN, groupsClaim: 'groups', groupMappings: [{ value: 'ops', groupId }] })
    person('ada', { ...ADA, groups: ['staff', 'ops'] })
    const first = await signIn('ada')
    expect(first.account?.role).toBe('operator')
    person('ada', { ...ADA, groups: ['staff'] })
    expect((await signIn('ada')).account?.role).toBe('member')
    expect((await who(first.browser))?.account.role).toBe('member')
  })

  test('make an account where one of them is listed, and for nobody else', async () => {
    const { save, person, signIn } = federation
    await save({ groupsClaim: 'groups', newAccounts: { when: 'listed-groups', groups: ['staff'], role: 'guest' } })
    person('ada', { ...ADA, groups: ['staff'] })
    person('bob', { email: 'bob@example.org', email_verified: true, groups: ['Staff', 'staff-of-others'] })
    expect((await signIn('ada')).account?.role).toBe('guest')
    expect((await signIn('bob')).account).toBeNull()
  })

  test('that are no longer mapped, or whose provider is gone, give nothing any more', async () => {
    const { owner, save, person, signIn, who } = federation
    const groupId = await group('Operators', 'operator')
    const mapped = { ...BY_DOMAIN, groupsClaim: 'groups', groupMappings: [{ value: 'ops', groupId }] }
    await save(mapped)
    person('ada', { ...ADA, groups: ['ops'] })
    const { browser } = await signIn('ada')
    await save({ ...mapped, groupMappings: [] })
    expect((await who(browser))?.account.role).toBe('member')
    await save(mapped)
    await signIn('ada')
    expect((await who(browser))?.account.role).toBe('operator')
    const { id } = (await who(browser))?.account ?? { id: '' }
    await owner.call('DELETE', '/api/v1/identity-providers/company')
    expect((await owner.call('GET', `/api/v1/accounts/${id}`)).json).toMatchObject({ role: 'member' })
  })
})
