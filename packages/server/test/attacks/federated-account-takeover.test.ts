import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Person } from '../../src/testing/server.ts'
import { openFederation, requestFor, type Federation } from '../federation/support.ts'

let federation: Federation
let administrator: Person
beforeAll(async () => {
  federation = await openFederation()
  administrator = await federation.server.addAccount('administrator', 'administrator')
})
afterAll(async () => { await federation[Symbol.asyncDispose]() })
beforeEach(() => { federation.server.clock.advance(120_000) })

const REFUSED = '#problem=identity-not-linked'
let count = 0
/** Somebody at the provider whom nothing has been linked to yet, under that address. */
const somebody = (email: string): string => {
  count += 1
  federation.person(`mallory-${count}`, { email, email_verified: true })
  return `mallory-${count}`
}

describe('a provider\'s word alone', () => {
  test('does not open an account that has a password, unless an owner said so', async () => {
    const person = await federation.server.addAccount('with-password')
    await federation.verify(person)
    const mallory = somebody(person.account.email)
    await federation.save()
    expect((await federation.signIn(mallory)).page.url.hash).toBe(REFUSED)
    await federation.save({ linkByVerifiedEmail: 'never' })
    expect((await federation.signIn(mallory)).page.url.hash).toBe(REFUSED)
    await federation.save({ linkByVerifiedEmail: 'verified' })
    expect((await federation.signIn(mallory)).account?.id).toBe(person.account.id)
  })

  test('does not open an account whose own address nobody ever verified: somebody may wait in it for its owner', async () => {
    const person = await federation.server.addAccount('never-verified')
    await federation.save({ linkByVerifiedEmail: 'verified' })
    expect((await federation.signIn(somebody(person.account.email))).page.url.hash).toBe(REFUSED)
  })

  test('does not open an owner\'s or an administrator\'s account, whatever the settings', async () => {
    await federation.save({ linkByVerifiedEmail: 'verified' })
    for (const person of [federation.owner, administrator]) {
      await federation.verify(person)
      expect([(await federation.signIn(somebody(person.account.email))).page.url.hash, person.account.role]).toEqual([REFUSED, person.account.role])
    }
  })

  test('makes no account in a domain that only ends like a listed one, lies below it, or hides it before the @', async () => {
    await federation.save({ newAccounts: { when: 'listed-domains', domains: ['example.org'], role: 'member' } })
    for (const email of ['a@evil-example.org', 'a@sub.example.org', 'a@example.org.evil.test', '"a@example.org"@evil.test', 'example.org@evil.test', '"quoted"@example.org', 'a@evil.test@example.org', 'a b@example.org', '@example.org', `${'a'.repeat(300)}@example.org`]) {
      expect([email, (await federation.signIn(somebody(email))).account]).toEqual([email, null])
    }
  })

  test('does not make another identity of the same subject at another issuer', async () => {
    await federation.save({ newAccounts: { when: 'listed-domains', domains: ['example.org'], role: 'member' } })
    federation.person('ada', { email: 'ada@example.org', email_verified: true })
    const { account } = await federation.signIn('ada')
    const evil = await federation.add('evil', { linkByVerifiedEmail: 'never' })
    evil.people.set('ada', { subject: 'subject-of-ada', claims: { email: 'elsewhere@example.org', email_verified: true } })
    expect(account).not.toBeNull()
    expect((await federation.signIn('ada', { providerName: 'evil' })).account).toBeNull()
  })
})

describe('an administrator', () => {
  test('cannot make administrators by a provider: neither map its groups so, nor change a provider that does', async () => {
    const { id } = (await federation.owner.call('POST', '/api/v1/groups', { name: 'Admins', role: 'administrator' })).json as { id: string }
    const mapped = requestFor(federation.provider, { groupsClaim: 'groups', groupMappings: [{ value: 'admins', groupId: id }] })
    const put = (person: Person, request: object) => person.call('PUT', '/api/v1/identity-providers/company', request)
    expect((await put(administrator, mapped)).status).toBe(403)
    expect((await put(federation.owner, mapped)).status).toBe(200)
    expect((await put(administrator, requestFor(federation.provider, { label: 'Mine' }))).status).toBe(403)
    expect((await administrator.call('DELETE', '/api/v1/identity-providers/company')).status).toBe(403)
    expect((await put(federation.owner, requestFor(federation.provider))).status).toBe(200)
    expect((await put(administrator, requestFor(federation.provider, { label: 'Mine' }))).status).toBe(200)
  })

  test('cannot let a provider open accounts that have a password', async () => {
    expect((await administrator.call('PUT', '/api/v1/identity-providers/company', requestFor(federation.provider, { linkByVerifiedEmail: 'verified' }))).status).toBe(403)
  })
})
