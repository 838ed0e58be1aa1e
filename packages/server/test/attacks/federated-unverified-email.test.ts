import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { admit, type KnownAccount } from '../../src/domains/federation/admit.ts'
import type { ProviderSettings } from '../../src/domains/federation/settings.ts'
import type { Person } from '../../src/testing/server.ts'
import { openFederation, type Federation } from '../federation/support.ts'

let federation: Federation
let victim: Person
beforeAll(async () => {
  federation = await openFederation()
  victim = await federation.server.addAccount('victim')
  await federation.verify(victim)
  await federation.save({ linkByVerifiedEmail: 'verified', newAccounts: { when: 'listed-domains', domains: ['example.org'], role: 'member' } })
})
afterAll(async () => { await federation[Symbol.asyncDispose]() })

const lies: readonly (readonly [said: string, claims: Readonly<Record<string, unknown>>])[] = [
  ['false', { email_verified: false }], ['nothing', {}], ['"true"', { email_verified: 'true' }], ['1', { email_verified: 1 }], ['null', { email_verified: null }],
  ['a list', { email_verified: [true] }], ['it by another name', { emailVerified: true, verified: true }],
]

describe.each(lies)('a provider that says %s of whether an address is verified', (_said, claims) => {
  test('opens nobody\'s account with it, and makes none', async () => {
    const { person, signIn, server } = federation
    server.clock.advance(60_000)
    for (const email of [victim.account.email, 'newcomer@example.org']) {
      person('mallory', { email, ...claims })
      const before = await server.storedDigests()
      const { page, account } = await signIn('mallory')
      expect(account).toBeNull()
      expect([page.url.pathname, page.url.hash]).toEqual(['/sign-in', '#problem=identity-email-unverified'])
      const after = await server.storedDigests()
      for (const table of ['account', 'identity', 'session']) expect(after[table]).toBe(before[table])
    }
  })
})

test('the same address, verified, opens the account: what was refused above was refused for that alone', async () => {
  const { person, signIn, server } = federation
  server.clock.advance(60_000)
  person('mallory', { email: victim.account.email, email_verified: true })
  expect((await signIn('mallory')).account?.id).toBe(victim.account.id)
})

test('a build that did not look would link: the rule is what stands between', async () => {
  const known: KnownAccount = { id: 'acc_1', role: 'member', status: 'active', kind: 'person', emailVerified: true, hasPassword: true }
  const accounts = { byId: () => Promise.resolve(known), byEmail: () => Promise.resolve(known), prepare: () => Promise.reject(new Error('None is made.')) }
  const settings = { linkByVerifiedEmail: 'verified', newAccounts: { when: 'never' } } as unknown as ProviderSettings
  const assertion = { issuer: 'i', subject: 's', email: 'victim@example.org', emailVerified: false, name: null, groups: [], sessionId: null, authenticatedAt: null }
  await expect(admit(assertion, settings, accounts)).rejects.toMatchObject({ code: 'identity-email-unverified' })
  expect(await admit({ ...assertion, emailVerified: true }, settings, accounts)).toEqual({ accountId: 'acc_1', isNew: false, steps: [] })
})
