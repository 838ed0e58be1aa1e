import { expect, test } from 'vitest'
import { describeEachEngine, openTestStore } from '../../testing/server-database.ts'
import { createExportStore } from './export-store.ts'
import type { ExportReach } from './tables.ts'

const row = (id: string, account_id: string) => ({ id, account_id, state: 'ready' as const, reach: 'everything' as const, key_sealed: Buffer.from('k'), begun_at: 1, ended_at: 2, expires_at: 10, done: 1, total: 1, bytes: 1 })

describeEachEngine('the store of exports', (dialect) => {
  test('gives an account its own, and removes nobody else\'s', async () => {
    await using store = await openTestStore(dialect)
    for (const id of ['acc_1', 'acc_2']) await store.addAccount(id)
    const exports = createExportStore(store.database)
    await store.database.write([exports.insert(row('exp_1', 'acc_1')), exports.insert(row('exp_2', 'acc_2'))])
    const get = async (accountId: string, id: string, reach: ExportReach = 'everything') => (await exports.get({ accountId, reach, id }))?.id
    expect([(await exports.last('acc_1', 'everything'))?.id, await exports.last('acc_9', 'everything')]).toEqual(['exp_1', undefined])
    expect([await get('acc_1', 'exp_1'), await get('acc_1', 'exp_2')]).toEqual(['exp_1', undefined])
    // Nor what reaches further as what does not.
    expect([await exports.last('acc_1', 'account'), await get('acc_1', 'exp_1', 'account')]).toEqual([undefined, undefined])
    await store.database.write([exports.removeOf('acc_1', 'account'), exports.removeOf('acc_1', 'everything')])
    expect(await exports.ids()).toEqual(['exp_2'])
  })

  test('how far one is, and that its process ended, is told of those that are being made alone', async () => {
    await using store = await openTestStore(dialect)
    await store.addAccount('acc_1')
    const exports = createExportStore(store.database)
    await store.database.write([exports.insert(row('exp_1', 'acc_1')), exports.insert({ ...row('exp_2', 'acc_1'), state: 'running' })])
    const now = async () => Promise.all(['exp_1', 'exp_2'].map(async (id) => { const found = await exports.get({ accountId: 'acc_1', reach: 'everything', id }); return [found?.state, found?.done] }))
    await store.database.write([exports.tell('exp_1', 7), exports.tell('exp_2', 7)])
    expect(await now()).toEqual([['ready', 1], ['running', 7]])
    await store.database.write([exports.failRunning(9)])
    expect(await now()).toEqual([['ready', 1], ['failed', 7]])
  })
})
