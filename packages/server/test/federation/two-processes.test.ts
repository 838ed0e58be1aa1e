import { expect, test } from 'vitest'
import { describeWith } from '../../src/testing/needs.ts'
import { createPostgresDatabase } from '../../src/testing/postgres.ts'
import { openFederation, requestFor } from './support.ts'

describeWith('postgres', 'a provider that is kept in PostgreSQL', () => {
  test('signs people in, follows their groups, and is changed and removed at once, whatever another process remembers of it', async () => {
    await using postgres = await createPostgresDatabase()
    await using federation = await openFederation({ settings: { STORE_URL: postgres.url } })
    const { owner, provider, save, person, signIn, who, server } = federation
    const { id: groupId } = (await owner.call('POST', '/api/v1/groups', { name: 'Operators', role: 'operator' })).json as { id: string }
    await save({ newAccounts: { when: 'listed-domains', domains: ['example.org'], role: 'guest' }, groupsClaim: 'groups', groupMappings: [{ value: 'ops', groupId }] })
    person('ada', { email: 'ada@example.org', email_verified: true, groups: ['ops'] })
    const first = await signIn('ada')
    expect(first.account?.role).toBe('operator')
    person('ada', { email: 'ada@example.org', email_verified: true })
    expect((await signIn('ada')).account?.role).toBe('guest')
    // As another process would: past what this one remembers.
    const { database } = server.sallyport
    const stored = await database.read.selectFrom('identity_provider').select('settings').executeTakeFirstOrThrow()
    await database.write([{ query: database.read.updateTable('identity_provider').set({ settings: stored.settings.replace('"label":"Company"', '"label":"Changed elsewhere"') }).compile() }])
    expect((await server.call('GET', '/api/v1/sign-in-providers')).text).toContain('Changed elsewhere')
    expect((await signIn('ada')).account?.id).toBe(first.account?.id)
    expect((await owner.call('PUT', '/api/v1/identity-providers/company', requestFor(provider))).status).toBe(200)
    expect((await owner.call('DELETE', '/api/v1/identity-providers/company')).status).toBe(204)
    expect(await who(first.browser)).toBeNull()
  })
})
