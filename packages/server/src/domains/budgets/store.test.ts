import { expect, test } from 'vitest'
import { describeEachEngine, openTestStore } from '../../testing/server-database.ts'
import { createBudgetStore } from './store.ts'

describeEachEngine('the store of budgets', (dialect) => {
  test('an account pays with the budgets of its own groups alone', async () => {
    await using store = await openTestStore(dialect)
    for (const id of ['acc_1', 'acc_2']) await store.addAccount(id)
    const { database: { read, write } } = store
    await write([
      { query: read.insertInto('account_group').values(['grp_1', 'grp_2'].map((id) => ({ id, name_sealed: Buffer.from(id), name_lookup: id, role: null, created_at: 1 }))).compile() },
      { query: read.insertInto('account_group_member').values([['grp_1', 'acc_1'], ['grp_2', 'acc_2']].map(([group_id = '', account_id = '']) => ({ group_id, account_id, source: 'hand', added_at: 1 }))).compile() },
    ])
    const budgets = createBudgetStore(store.database)
    expect([await budgets.groupsOf('acc_1'), await budgets.groupsOf('acc_2'), await budgets.groupsOf('acc_3')]).toEqual([['grp_1'], ['grp_2'], []])
  })

  test('with an account go the budgets that were set for it or by it, and no other of that name', async () => {
    await using store = await openTestStore(dialect)
    const budgets = createBudgetStore(store.database)
    const set = (scope: 'account' | 'own' | 'key' | 'group', subject: string) => budgets.put({ id: `${scope} ${subject}`, scope, subject, period: 'day', unit: 'tokens', amount: 1, set_at: 1 })
    await store.database.write([set('account', 'acc_1'), set('own', 'acc_1'), set('group', 'acc_1'), set('account', 'acc_2'), set('own', 'acc_2')])
    await store.database.write([budgets.removeOf('acc_1')])
    expect((await budgets.all()).map(({ id }) => id)).toEqual(['account acc_2', 'group acc_1', 'own acc_2'])
  })
})
