import { expect, test } from 'vitest'
import { describeEachEngine, openTestStore } from '../../testing/server-database.ts'
import { createUsageStore } from './store.ts'

const row = (id: string, status: 'running' | 'complete') => ({
  id, account_id: 'acc_1', conversation_id: null, credential_id: 'key_1', entrance: 'gateway', model: 'm', status, input_tokens: 5_000_000_000, output_tokens: 2, notices: '[]', started_at: 1, ended_at: null, saved_tokens: null, saved_money: null,
})

describeEachEngine('the store of turns', (dialect) => {
  test('keeps every column of a turn, and its end', async () => {
    await using store = await openTestStore(dialect)
    const usage = createUsageStore(store.database)
    await store.database.write([usage.insert(row('trn_1', 'running')), usage.insert(row('trn_2', 'complete'))])
    await store.database.write([usage.end('trn_1', { status: 'stopped', inputTokens: 7, outputTokens: 8, notices: '[{}]', at: 99 })])
    expect(await store.database.read.selectFrom('turn').selectAll().orderBy('id').execute()).toEqual([
      { ...row('trn_1', 'complete'), status: 'stopped', input_tokens: 7, output_tokens: 8, notices: '[{}]', ended_at: 99 }, row('trn_2', 'complete'),
    ])
  })

  test('turns that were running when the process ended are marked, and no others', async () => {
    await using store = await openTestStore(dialect)
    const usage = createUsageStore(store.database)
    await store.database.write([usage.insert(row('trn_1', 'running')), usage.insert(row('trn_2', 'complete'))])
    await store.database.write([usage.interruptAll(50)])
    expect(await store.database.read.selectFrom('turn').select(['status', 'ended_at']).orderBy('id').execute()).toEqual([{ status: 'interrupted', ended_at: 50 }, { status: 'complete', ended_at: null }])
  })

  test('adds up what kept answers have spared, of one account or of all, since a moment', async () => {
    await using store = await openTestStore(dialect)
    const usage = createUsageStore(store.database)
    const saved = (id: string, more: object) => usage.insert({ ...row(id, 'complete'), saved_tokens: 3_000_000_000, saved_money: 5, ...more })
    await store.database.write([saved('trn_1', {}), saved('trn_2', { started_at: 9 }), saved('trn_3', { account_id: 'acc_2', started_at: 9 }), usage.insert({ ...row('trn_4', 'complete'), started_at: 9 })])
    expect([await usage.savedSince(0), await usage.savedSince(9), await usage.savedSince(9, 'acc_2'), await usage.savedSince(10)]).toEqual([
      { hits: 3, savedTokens: 9_000_000_000, savedMoney: 15 }, { hits: 2, savedTokens: 6_000_000_000, savedMoney: 10 }, { hits: 1, savedTokens: 3_000_000_000, savedMoney: 5 }, { hits: 0, savedTokens: 0, savedMoney: 0 },
    ])
  })
})
