import { expect, test } from 'vitest'
import { WriteConflict } from '../../database/database.ts'
import { describeEachEngine, idLike, openTestStore } from '../../testing/server-database.ts'
import { createAccountStore } from './store.ts'

const row = (id: string, lookup: string, role: 'owner' | 'member' = 'member') =>
  ({ id, name_sealed: Buffer.from('Ann'), role, password_sealed: Buffer.from('x'), created_at: 1, email_lookup: Buffer.from(lookup), email_sealed: Buffer.from('sealed') })

describeEachEngine('the store of accounts', (dialect) => {
  test('finds by id and by the hash of the address, and nobody else', async () => {
    await using store = await openTestStore(dialect)
    const accounts = createAccountStore(store.database)
    expect(await accounts.hasOwner()).toBe(false)
    await store.database.write([accounts.insert(row('acc_0', 'nought'))])
    expect(await accounts.hasOwner()).toBe(false)
    expect(await accounts.firstOwner()).toBeUndefined()
    await store.database.write([accounts.insert(row('acc_1', 'one')), accounts.insert(row('acc_2', 'two', 'owner')), accounts.insert(row('acc_3', 'three', 'owner'))])
    expect(await accounts.hasOwner()).toBe(true)
    expect((await accounts.byId('acc_1'))?.name_sealed.toString()).toBe('Ann')
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

  test('those who are told of threats are owners and administrators, persons, and active; owners first', async () => {
    await using store = await openTestStore(dialect)
    const accounts = createAccountStore(store.database)
    const guardians = [['acc_1', 'administrator'], ['acc_2', 'owner'], ['acc_3', 'member'], ['acc_4', 'administrator'], ['acc_5', 'administrator']] as const
    await store.database.write(guardians.map(([id, role]) => accounts.insert({ ...row(id, id), role, ...(id === 'acc_4' && { status: 'suspended' as const }), ...(id === 'acc_5' && { kind: 'service' as const }) })))
    expect((await accounts.guardians(10)).map(({ id }) => id)).toEqual(['acc_2', 'acc_1'])
    expect((await accounts.guardians(1)).map(({ id }) => id)).toEqual(['acc_2'])
  })

  test('an account\'s standing counts its own factors, and those alone that were confirmed', async () => {
    await using store = await openTestStore(dialect)
    const accounts = createAccountStore(store.database)
    const factor = (id: string, account_id: string, confirmed_at: number | null) =>
      ({ id, account_id, kind: 'totp' as const, name_sealed: Buffer.from(id), secret_sealed: Buffer.from(id), counter: 0, credential_digest: null, domain: null, is_synced: 0, created_at: 1, confirmed_at, last_used_at: null, suspended_at: null })
    await store.database.write([...['acc_1', 'acc_2', 'acc_3'].map((id) => accounts.insert(row(id, id))), { query: store.database.read.insertInto('factor').values([factor('fac_1', 'acc_1', 1), factor('fac_2', 'acc_2', null)]).compile() }])
    expect(await Promise.all(['acc_1', 'acc_2', 'acc_3'].map(async (id) => Number((await accounts.standing(id))?.second_factors)))).toEqual([1, 0, 0])
    expect([...await accounts.withSecondFactor(['acc_1', 'acc_2'])]).toEqual(['acc_1'])
    expect([...await accounts.withSecondFactor(['acc_3'])]).toEqual([])
  })

  test('a change holds for one account that is as it was read', async () => {
    await using store = await openTestStore(dialect)
    const accounts = createAccountStore(store.database)
    await store.database.write([accounts.insert(row('acc_1', 'one', 'owner')), accounts.insert(row('acc_2', 'two'))])
    for (const was of [{ role: 'member' as const }, { status: 'suspended' as const }, { password_sealed: Buffer.from('y') }, { password_sealed: null }]) await expect(store.database.write([accounts.change('acc_1', was, { name_sealed: Buffer.from('Changed') })])).rejects.toBeInstanceOf(WriteConflict)
    await store.database.write([accounts.change('acc_1', { role: 'owner', status: 'active', password_sealed: Buffer.from('x') }, { status: 'suspended' })])
    expect(await accounts.firstOwner()).toBeUndefined()
    expect([(await accounts.byId('acc_1'))?.status, (await accounts.byId('acc_2'))?.status]).toEqual(['suspended', 'active'])
  })

  test('another owner is one who is active and a person', async () => {
    await using store = await openTestStore(dialect)
    const accounts = createAccountStore(store.database)
    await store.database.write([accounts.insert(row('acc_1', 'one', 'owner')), accounts.insert(row('acc_2', 'two', 'owner')), accounts.insert(row('acc_3', 'three'))])
    await store.database.write(accounts.requireAnotherOwner('acc_1'))
    for (const fields of [{ status: 'suspended' as const }, { status: 'active' as const, kind: 'service' as const }, { kind: 'person' as const, role: 'member' as const }]) {
      await store.database.write([accounts.change('acc_2', {}, fields)])
      await expect(store.database.write(accounts.requireAnotherOwner('acc_1'))).rejects.toBeInstanceOf(WriteConflict)
    }
  })
})
