import { expect, test } from 'vitest'
import { describeEachEngine, openTestStore } from '../../testing/server-database.ts'
import { createDataKeyStore } from './store.ts'

describeEachEngine('the store of data keys', (dialect) => {
  test('keys are one owner\'s: destroying them leaves everybody else\'s', async () => {
    await using store = await openTestStore(dialect)
    const keys = createDataKeyStore(store.database, 'vault')
    await store.database.write(['acc_1', 'acc_2'].map((owner_id) => keys.insert({ owner_id, version: 1, wrapped: Buffer.from(owner_id), created_at: 1 })))
    const wrappedOf = async (owner: string) => (await keys.versionsOf(owner)).map(({ wrapped }) => Buffer.from(wrapped).toString())
    expect([await wrappedOf('acc_1'), await wrappedOf('acc_2'), await keys.has('acc_3')]).toEqual([['acc_1'], ['acc_2'], false])
    await store.database.write([keys.removeAll('acc_1')])
    expect([await keys.has('acc_1'), await keys.has('acc_2'), await wrappedOf('acc_2')]).toEqual([false, true, ['acc_2']])
  })
})
