import { expect, test } from 'vitest'
import { describeEachEngine, openTestStore } from '../../testing/server-database.ts'
import { createUsageStore } from './store.ts'

const row = (id: string, status: 'running' | 'complete') => ({
  id, account_id: 'acc_1', conversation_id: null, credential_id: 'key_1', entrance: 'gateway', model: 'm', status, input_tokens: 5_000_000_000, output_tokens: 2, notices: '[]', started_at: 1, ended_at: null,
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
})
