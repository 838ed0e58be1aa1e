import { expect, test } from 'vitest'
import { WriteConflict } from '../../database/database.ts'
import { Secret } from '../../kernel/secret.ts'
import { describeEachEngine, openTestStore, type TestStore } from '../../testing/server-database.ts'
import { createCredentialStore, type NewCredential } from './credential-store.ts'
import { createProviderStore } from './store.ts'

/** Two providers, one with a version of each state, the other with one that is retired too. */
async function withVersions(store: TestStore) {
  const sealer = await store.keyRing.ensure('server')
  const providers = createProviderStore(store.database, sealer, { parseModels: () => [] })
  const credentials = createCredentialStore(store.database, sealer, (secret) => secret)
  const of = (number: number, version: number, state: NewCredential['state']): NewCredential =>
    ({ id: `pcr_${number}${version}`, provider_id: `prv_${number}`, version, state, environment: 'production', credential: state === 'active' ? null : new Secret(`a-key-of-tests-${number}-${version}`), created_at: 1, activated_at: null, expires_at: null })
  for (const number of [1, 2]) {
    await store.database.write([...providers.put({ id: `prv_${number}`, name: `vendor-${number}`, adapter: 'openai', baseUrl: 'https://vendor.example/v1', credential: null, allowPrivateAddress: false, models: [], createdAt: 1 })])
  }
  await store.database.write([of(1, 1, 'standby'), of(1, 2, 'active'), of(1, 3, 'standby'), of(2, 1, 'standby')].map((row) => credentials.insert(row)))
  // Everything has a day of retirement here, so that the state alone decides.
  await store.database.write([{ query: store.database.read.updateTable('provider_credential').set({ retired_at: 5 }).compile() }])
  return credentials
}

describeEachEngine('the store of providers\' keys', (dialect) => {
  test('lists the versions of one provider, the newest first', async () => {
    await using store = await openTestStore(dialect)
    const credentials = await withVersions(store)
    expect((await credentials.of('prv_1')).map(({ version, credential }) => [version, credential?.reveal() ?? null])).toEqual([[3, 'a-key-of-tests-1-3'], [2, null], [1, 'a-key-of-tests-1-1']])
    expect((await credentials.of('prv_2')).map(({ id }) => id)).toEqual(['pcr_21'])
  })

  test('a version is changed while it is in that state, and no other one', async () => {
    await using store = await openTestStore(dialect)
    const credentials = await withVersions(store)
    await expect(store.database.write([credentials.change({ id: 'pcr_11', state: 'active' }, { state: 'revoked' })])).rejects.toBeInstanceOf(WriteConflict)
    await store.database.write([credentials.change({ id: 'pcr_11', state: 'standby' }, { state: 'retiring' })])
    expect((await credentials.of('prv_1')).map(({ state }) => state)).toEqual(['standby', 'active', 'retiring'])
    expect((await credentials.of('prv_2')).map(({ state }) => state)).toEqual(['standby'])
  })

  test('destroys what is retired, and nothing that stands by or is in use', async () => {
    await using store = await openTestStore(dialect)
    const credentials = await withVersions(store)
    expect(await credentials.hasRetired(9)).toBe(false)
    await store.database.write([credentials.change({ id: 'pcr_11', state: 'standby' }, { state: 'retiring' })])
    expect([await credentials.hasRetired(9), await credentials.hasRetired(5)]).toEqual([true, false])
    await store.database.write([credentials.revokeRetired(9, 10)])
    expect((await credentials.of('prv_1')).map(({ state, credential }) => [state, credential !== null])).toEqual([['standby', true], ['active', false], ['revoked', false]])
    expect((await credentials.of('prv_2')).map(({ state, credential }) => [state, credential !== null])).toEqual([['standby', true]])
  })
})
