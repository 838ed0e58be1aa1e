import { expect, test } from 'vitest'
import { WriteConflict } from '../../database/database.ts'
import { openScope } from '../../kernel/scope.ts'
import { describeEachEngine, openTestStore } from '../../testing/server-database.ts'
import { createOwnSessionStore, createSessionStore } from './store.ts'

const row = (id: string, digest: number, fields: { readonly expires_at?: number; readonly last_seen_at?: number; readonly account_id?: string } = {}) =>
  ({ id, account_id: 'acc_1', token_digest: Buffer.alloc(32, digest), created_at: 1, expires_at: 100, authenticated_at: 1, last_seen_at: 90, ...fields })

describeEachEngine('the store of sessions', (dialect) => {
  test('finds a session by its digest, with what its account may do and owes now', async () => {
    await using store = await openTestStore(dialect)
    await store.addAccount('acc_1')
    const sessions = createSessionStore(store.database)
    await store.database.write([sessions.insert(row('ses_1', 1))])
    const found = await sessions.byDigest(Buffer.alloc(32, 1))
    expect(found).toMatchObject({ id: 'ses_1', account_id: 'acc_1', expires_at: 100, authenticated_at: 1, second_factor_at: null, role: 'member', status: 'active', kind: 'person', password_change_needed: 0 })
    expect(Number(found?.second_factors)).toBe(0)
    expect(await sessions.byDigest(Buffer.alloc(32, 2))).toBeUndefined()
    await expect(store.database.write([sessions.insert(row('ses_2', 1))])).rejects.toBeInstanceOf(WriteConflict)
  })

  test('removes one, those that are over or idle, and all of an account that goes', async () => {
    await using store = await openTestStore(dialect)
    await store.addAccount('acc_1')
    const sessions = createSessionStore(store.database)
    const left = async () => (await store.database.read.selectFrom('session').select('id').orderBy('id').execute()).map(({ id }) => id)
    await store.database.write([
      sessions.insert(row('ses_1', 1)), sessions.insert(row('ses_2', 2, { expires_at: 50 })), sessions.insert(row('ses_3', 3, { expires_at: 51 })), sessions.insert(row('ses_4', 4)), sessions.insert(row('ses_5', 5, { last_seen_at: 19 })),
    ])
    await store.database.write([sessions.remove('ses_1'), sessions.removeExpired(50, 20)])
    expect(await left()).toEqual(['ses_3', 'ses_4'])
    await store.database.write([sessions.removeOf('acc_1', 'ses_4')])
    expect(await left()).toEqual(['ses_4'])
    await store.database.write([{ query: store.database.read.deleteFrom('account').compile() }])
    expect(await left()).toEqual([])
  })

  test('keeps the newest used of an account, and nobody else\'s', async () => {
    await using store = await openTestStore(dialect)
    await store.addAccount('acc_1')
    await store.addAccount('acc_2')
    const sessions = createSessionStore(store.database)
    await store.database.write([1, 2, 3].map((number) => sessions.insert(row(`ses_${number}`, number, { last_seen_at: 100 - number }))))
    await store.database.write([sessions.insert(row('ses_9', 9, { account_id: 'acc_2', last_seen_at: 200 }))])
    await store.database.write([sessions.keepNewest('acc_1', 2)])
    const left = async () => (await store.database.read.selectFrom('session').select('id').orderBy('id').execute()).map(({ id }) => id)
    expect(await left()).toEqual(['ses_1', 'ses_2', 'ses_9'])
    await store.database.write([sessions.removeOf('acc_1', 'ses_2')])
    expect(await left()).toEqual(['ses_2', 'ses_9'])
  })

  test('of two that replace a token at once exactly one does', async () => {
    await using store = await openTestStore(dialect)
    await store.addAccount('acc_1')
    const sessions = createSessionStore(store.database)
    await store.database.write([sessions.insert(row('ses_1', 1))])
    const replace = (digest: number) => store.database.write([sessions.replaceToken('ses_1', Buffer.alloc(32, 1), { token_digest: Buffer.alloc(32, digest), authenticated_at: 2, second_factor_at: null })])
    const outcomes = await Promise.allSettled([replace(2), replace(3)])
    expect(outcomes.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
    expect(await sessions.byDigest(Buffer.alloc(32, 1))).toBeUndefined()
  })

  test('shows and ends an account\'s own, and nobody else\'s', async () => {
    await using store = await openTestStore(dialect)
    await store.addAccount('acc_1')
    await store.addAccount('acc_2')
    const sessions = createSessionStore(store.database)
    await store.database.write([sessions.insert(row('ses_1', 1)), sessions.insert(row('ses_2', 2, { account_id: 'acc_2' }))])
    const own = createOwnSessionStore(store.database)(openScope('acc_1'))
    expect((await own.list()).map(({ id }) => id)).toEqual(['ses_1'])
    await expect(store.database.write([own.remove('ses_2')])).rejects.toBeInstanceOf(WriteConflict)
    await store.database.write([own.remove('ses_1')])
    expect(await own.list()).toEqual([])
  })
})
