import { expect, test } from 'vitest'
import { WriteConflict } from '../../database/database.ts'
import { SealBroken } from '../../kernel/seal.ts'
import { Secret } from '../../kernel/secret.ts'
import { describeEachEngine, openTestStore, type TestStore } from '../../testing/server-database.ts'
import { createProviderStore, type StoredProvider } from './store.ts'

const provider: StoredProvider = { id: 'prv_1', name: 'vendor', adapter: 'openai', baseUrl: 'https://vendor.example/v1', credential: new Secret('a-credential-of-tests'), allowPrivateAddress: true, models: ['a', 'b/c'], createdAt: 7 }
const open = async (store: TestStore) => createProviderStore(store.database, await store.keyRing.ensure('server'), { parseModels: (text) => JSON.parse(text) as string[] })

describeEachEngine('the store of providers', (dialect) => {
  test('gives back what it took, with the credential sealed in between', async () => {
    await using store = await openTestStore(dialect)
    const providers = await open(store)
    await store.database.write([...providers.put(provider)])
    const [found] = await providers.all()
    expect(found).toMatchObject({ ...provider, credential: expect.any(Secret) })
    expect(found?.credential?.reveal()).toBe('a-credential-of-tests')
    const row = await store.database.read.selectFrom('provider').select('credential_sealed').executeTakeFirstOrThrow()
    expect(Buffer.from(row.credential_sealed ?? '').includes('credential-of')).toBe(false)
  })

  test('a second of the same name takes the first one\'s place', async () => {
    await using store = await openTestStore(dialect)
    const providers = await open(store)
    await store.database.write([...providers.put(provider)])
    await store.database.write([...providers.put({ ...provider, credential: null, models: [], allowPrivateAddress: false })])
    expect(await providers.all()).toEqual([{ ...provider, credentialId: null, credentialEnvironment: null, credential: null, models: [], allowPrivateAddress: false }])
  })

  test('what is not there is not removed', async () => {
    await using store = await openTestStore(dialect)
    const providers = await open(store)
    await store.database.write([...providers.put(provider)])
    await expect(store.database.write([providers.remove('nobody')])).rejects.toBeInstanceOf(WriteConflict)
    await store.database.write([providers.remove('vendor')])
    expect(await providers.all()).toEqual([])
  })

  test('a credential that was moved to another provider\'s row does not open', async () => {
    await using store = await openTestStore(dialect)
    const providers = await open(store)
    await store.database.write([...providers.put(provider), ...providers.put({ ...provider, id: 'prv_2', name: 'mallory', baseUrl: 'https://mallory.example', credential: new Secret('her-own-credential') })])
    const { credential_sealed } = await store.database.read.selectFrom('provider').select('credential_sealed').where('name', '=', 'vendor').executeTakeFirstOrThrow()
    await store.database.write([{ query: store.database.read.updateTable('provider').set({ credential_sealed }).where('name', '=', 'mallory').compile(), expectRows: 1 }])
    await expect(providers.all()).rejects.toBeInstanceOf(SealBroken)
  })
})
