import { expect, test } from 'vitest'
import { WriteConflict } from '../../database/database.ts'
import { describeEachEngine, openTestStore } from '../../testing/server-database.ts'
import { createSessionStore } from './store.ts'

const row = (id: string, digest: number, expires_at = 100) => ({ id, account_id: 'acc_1', token_digest: Buffer.alloc(32, digest), created_at: 1, expires_at })

describeEachEngine('the store of sessions', (dialect) => {
  test('finds a session by its digest, with the role that its account has now', async () => {
    await using store = await openTestStore(dialect)
    await store.addAccount('acc_1')
    const sessions = createSessionStore(store.database)
    await store.database.write([sessions.insert(row('ses_1', 1))])
    expect(await sessions.byDigest(Buffer.alloc(32, 1))).toEqual({ id: 'ses_1', account_id: 'acc_1', expires_at: 100, role: 'member' })
    expect(await sessions.byDigest(Buffer.alloc(32, 2))).toBeUndefined()
    await expect(store.database.write([sessions.insert(row('ses_2', 1))])).rejects.toBeInstanceOf(WriteConflict)
  })

  test('removes one, those that are over, and all of an account that goes', async () => {
    await using store = await openTestStore(dialect)
    await store.addAccount('acc_1')
    const sessions = createSessionStore(store.database)
    const left = async () => (await store.database.read.selectFrom('session').select('id').orderBy('id').execute()).map(({ id }) => id)
    await store.database.write([sessions.insert(row('ses_1', 1)), sessions.insert(row('ses_2', 2, 50)), sessions.insert(row('ses_3', 3, 51)), sessions.insert(row('ses_4', 4))])
    await store.database.write([sessions.remove('ses_1'), sessions.removeExpired(50)])
    expect(await left()).toEqual(['ses_3', 'ses_4'])
    await store.database.write([{ query: store.database.read.deleteFrom('account').compile() }])
    expect(await left()).toEqual([])
  })
})
