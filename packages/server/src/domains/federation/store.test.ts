import { expect, test } from 'vitest'
import { WriteConflict } from '../../database/database.ts'
import { Secret } from '../../kernel/secret.ts'
import { describeEachEngine, idLike, openTestStore, type TestStore } from '../../testing/server-database.ts'
import type { ProviderSettings } from './settings.ts'
import { createIdentityStore, createProviderStore } from './store.ts'

const settings = (name: string, more: Partial<ProviderSettings> = {}): ProviderSettings => ({
  id: `idp_${name}`, name, label: name, protocol: { kind: 'oidc', issuer: 'https://idp.example.org' }, clientId: 'sallyport', clientSecret: new Secret('a-client-secret'), scopes: ['email'], allowPrivateAddress: false,
  unsafelyAllowPlainHttp: false, groupsClaim: null, groupMappings: [], linkByVerifiedEmail: 'never', newAccounts: { when: 'never' }, hosts: ['https://idp.example.org'], environment: 'production', origin: 'stored', createdAt: 1, ...more,
})
const ids = { ann: idLike('acc', 1), bob: idLike('acc', 2) }
const identity = (id: string, account_id: string, lookup: string) => ({ id, account_id, provider_id: 'idp_one', subject_lookup: Buffer.from(lookup), shown_as_sealed: null, linked_at: 1, last_used_at: null })

async function withIdentities(store: TestStore) {
  for (const id of Object.values(ids)) await store.addAccount(id)
  const identities = createIdentityStore(store.database)
  await store.database.write([identities.insert(identity('idn_1', ids.ann, 'a')), identities.insert(identity('idn_2', ids.bob, 'b'))])
  const addSession = (id: string, accountId: string) => store.database.write([{ query: store.database.read.insertInto('session').values({ id, account_id: accountId, token_digest: Buffer.from(id), created_at: 1, expires_at: 100, second_factor_at: null, device_sealed: null }).compile() }])
  return { identities, addSession }
}

describeEachEngine('the store of identity providers', (dialect) => {
  test('keeps settings, and the secret under the server\'s key; a second of the same name takes the first one\'s place', async () => {
    await using store = await openTestStore(dialect)
    const providers = createProviderStore(store.database, await store.keyRing.ensure('server'))
    await store.database.write(providers.put(settings('one')))
    const first = await providers.byName('one')
    expect(first?.settings.clientSecret?.reveal()).toBe('a-client-secret')
    expect({ ...first?.settings, clientSecret: null }).toEqual({ ...settings('one'), clientSecret: null })
    const row = await store.database.read.selectFrom('identity_provider').selectAll().executeTakeFirstOrThrow()
    expect(`${row.settings}${Buffer.from(row.client_secret_sealed ?? '').toString('latin1')}`).not.toContain('a-client-secret')
    await store.database.write(providers.put(settings('one', { clientSecret: null, label: 'Other' })))
    const second = await providers.byName('one')
    expect([second?.settings.clientSecret, second?.settings.label, second?.mark === first?.mark]).toEqual([null, 'Other', false])
    expect((await providers.all()).map((each) => each.settings.name)).toEqual(['one'])
    await store.database.write([providers.remove('one')])
    await expect(store.database.write([providers.remove('one')])).rejects.toBeInstanceOf(WriteConflict)
  })
})

describeEachEngine('the store of identities', (dialect) => {
  test('an identity opens one account', async () => {
    await using store = await openTestStore(dialect)
    const { identities } = await withIdentities(store)
    expect((await identities.byLookup(Buffer.from('a')))?.account_id).toBe(ids.ann)
    expect(await identities.byLookup(Buffer.from('c'))).toBeUndefined()
    await expect(store.database.write([identities.insert(identity('idn_3', ids.bob, 'a'))])).rejects.toBeInstanceOf(WriteConflict)
  })

  test('is removed by its owner alone, and by nobody while nothing else opens the account', async () => {
    await using store = await openTestStore(dialect)
    const { identities } = await withIdentities(store)
    const remove = (id: string, accountId: string, needsAnother: boolean) => store.database.write([identities.remove(id, { accountId, needsAnother })])
    await expect(remove('idn_1', ids.bob, false)).rejects.toBeInstanceOf(WriteConflict)
    await expect(remove('idn_1', ids.ann, true)).rejects.toBeInstanceOf(WriteConflict)
    await store.database.write([identities.insert(identity('idn_3', ids.ann, 'c'))])
    await remove('idn_1', ids.ann, true)
    await expect(remove('idn_3', ids.ann, true)).rejects.toBeInstanceOf(WriteConflict)
    await remove('idn_3', ids.ann, false)
    expect(await identities.ofAccount(ids.ann)).toEqual([])
  })

  test('where passwords end, the ways beside them end too, and whoever has no password keeps the only way in', async () => {
    await using store = await openTestStore(dialect)
    const { identities } = await withIdentities(store)
    const setPassword = (id: string, hash: string) => ({ query: store.database.read.updateTable('account').set({ password_sealed: hash === '' ? null : Buffer.from(hash) }).where('id', '=', id).compile() })
    await store.database.write([setPassword(ids.ann, 'a-hash'), setPassword(ids.bob, ''), identities.removeBesidePasswords()])
    const left = await Promise.all([ids.ann, ids.bob].map(async (id) => (await identities.ofAccount(id)).map((row) => row.id)))
    expect(left).toEqual([[], ['idn_2']])
  })

  test('knows which sessions began with it or with a session of its provider, and forgets them with them', async () => {
    await using store = await openTestStore(dialect)
    const { identities, addSession } = await withIdentities(store)
    const [first, second] = [Buffer.from('first'), Buffer.from('second')]
    for (const [id, accountId, identityId, sid] of [['ses_1', ids.ann, 'idn_1', first], ['ses_2', ids.ann, 'idn_1', second], ['ses_3', ids.bob, 'idn_2', null]] as const) {
      await addSession(id, accountId)
      await store.database.write([identities.noteSession({ session_id: id, identity_id: identityId, sid_lookup: sid, created_at: 1 })])
    }
    expect((await identities.sessionsOf('idn_1')).toSorted()).toEqual(['ses_1', 'ses_2'])
    expect(await identities.sessionsBySid(second)).toEqual(['ses_2'])
    expect((await identities.sessionsOfProvider('idp_one')).toSorted()).toEqual(['ses_1', 'ses_2', 'ses_3'])
    expect(await identities.sessionsOfProvider('idp_other')).toEqual([])
    expect([await identities.isSessionLive('ses_1', ids.ann, 99), await identities.isSessionLive('ses_1', ids.ann, 100), await identities.isSessionLive('ses_1', ids.bob, 99)]).toEqual([true, false, false])
    await store.database.write([{ query: store.database.read.deleteFrom('session').where('id', '=', 'ses_1').compile() }, identities.removeOf('idp_other')])
    expect(await identities.sessionsOf('idn_1')).toEqual(['ses_2'])
    await store.database.write([identities.removeOf('idp_one')])
    expect(await identities.sessionsOfProvider('idp_one')).toEqual([])
  })

  test('waits for a second factor until its end, for the account and the session that it belongs to', async () => {
    await using store = await openTestStore(dialect)
    const { identities } = await withIdentities(store)
    const [digest, sid] = [Buffer.from('digest'), Buffer.from('sid')]
    await store.database.write(identities.noteChallenge({ digest, identity_id: 'idn_1', sid_lookup: sid, authenticated_at: 5, expires_at: 10 }, 1))
    expect(await identities.challenge(digest, 9)).toMatchObject({ identity_id: 'idn_1', authenticated_at: 5 })
    expect(await identities.challenge(digest, 10)).toBeUndefined()
    expect(await identities.challenge(Buffer.from('other'), 9)).toBeUndefined()
    await store.database.write([identities.dropChallenge(Buffer.from('other'))])
    expect([await identities.waiting({ identityId: 'idn_1' }), await identities.waiting({ sidLookup: sid }), await identities.waiting({ identityId: 'idn_2' })]).toEqual([[ids.ann], [ids.ann], []])
    await store.database.write([identities.dropChallenge(digest)])
    expect(await identities.waiting({ identityId: 'idn_1' })).toEqual([])
  })

  test('what is used once is used once, also by many at the same moment, and may be used again when it would not be taken any more', async () => {
    await using store = await openTestStore(dialect)
    const { identities } = await withIdentities(store)
    const use = (now: number) => store.database.write(identities.useOnce(Buffer.from('state'), 100, now))
    const outcomes = await Promise.allSettled(Array.from({ length: 30 }, () => use(1)))
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    await expect(use(99)).rejects.toBeInstanceOf(WriteConflict)
    await use(100)
  })
})
