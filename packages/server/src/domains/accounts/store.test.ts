import { expect, test } from 'vitest'
import { WriteConflict } from '../../database/database.ts'
import { describeEachEngine, idLike, openTestStore } from '../../testing/server-database.ts'
import { createAccountStore } from './store.ts'

const row = (id: string, lookup: string, role: 'owner' | 'member' = 'member') =>
  ({ id, name: 'Ann', role, password_hash: 'x', created_at: 1, email_lookup: Buffer.from(lookup), email_sealed: Buffer.from('sealed') })

describeEachEngine('the store of accounts', (dialect) => {
  test('finds by id and by the hash of the address, and nobody else', async () => {
    await using store = await openTestStore(dialect)
    const accounts = createAccountStore(store.database)
    expect(await accounts.hasAny()).toBe(false)
    expect(await accounts.firstOwner()).toBeUndefined()
    await store.database.write([accounts.insert(row('acc_1', 'one')), accounts.insert(row('acc_2', 'two', 'owner')), accounts.insert(row('acc_3', 'three', 'owner'))])
    expect(await accounts.hasAny()).toBe(true)
    expect((await accounts.byId('acc_1'))?.name).toBe('Ann')
    expect((await accounts.byLookup(Buffer.from('two')))?.id).toBe('acc_2')
    expect(await accounts.byLookup(Buffer.from('tw'))).toBeUndefined()
    expect(await accounts.byId('acc_9')).toBeUndefined()
    expect((await accounts.firstOwner())?.id).toBe('acc_2')
  })

  test('an address belongs to one account', async () => {
    await using store = await openTestStore(dialect)
    const accounts = createAccountStore(store.database)
    await store.database.write([accounts.insert(row('acc_1', 'same'))])
    await expect(store.database.write([accounts.insert(row('acc_2', 'same'))])).rejects.toBeInstanceOf(WriteConflict)
  })

  test('a set-up token is taken once, by exactly one of many, and only with its own digest', async () => {
    await using store = await openTestStore(dialect)
    const accounts = createAccountStore(store.database)
    const [right, wrong] = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)]
    await store.database.write([accounts.dropSetupToken(), accounts.putSetupToken(right, 1)])
    await expect(store.database.write([accounts.takeSetupToken(wrong)])).rejects.toBeInstanceOf(WriteConflict)
    const outcomes = await Promise.allSettled(Array.from({ length: 30 }, (_, index) => store.database.write([accounts.takeSetupToken(right), accounts.insert(row(idLike('acc', index), `address ${index}`, 'owner'))])))
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    expect(await accounts.page(undefined, 100)).toHaveLength(1)
    expect(await accounts.setupDigest()).toBeUndefined()
  })

  test('a second token does not stand beside the first', async () => {
    await using store = await openTestStore(dialect)
    const accounts = createAccountStore(store.database)
    await store.database.write([accounts.putSetupToken(Buffer.alloc(32, 1), 1)])
    await expect(store.database.write([accounts.putSetupToken(Buffer.alloc(32, 2), 2)])).rejects.toBeInstanceOf(WriteConflict)
    await store.database.write([accounts.dropSetupToken(), accounts.putSetupToken(Buffer.alloc(32, 2), 2)])
    expect(Buffer.from(await accounts.setupDigest() ?? '').equals(Buffer.alloc(32, 2))).toBe(true)
  })

  test('pages run from the newest on', async () => {
    await using store = await openTestStore(dialect)
    const accounts = createAccountStore(store.database)
    await store.database.write([1, 2, 3].map((number) => accounts.insert(row(`acc_${number}`, String(number)))))
    expect((await accounts.page(undefined, 2)).map(({ id }) => id)).toEqual(['acc_3', 'acc_2'])
    expect((await accounts.page('acc_2', 2)).map(({ id }) => id)).toEqual(['acc_1'])
  })
})
