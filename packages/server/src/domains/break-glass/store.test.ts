import { expect, test } from 'vitest'
import { WriteConflict, type WriteStep } from '../../database/database.ts'
import { describeEachEngine, openTestStore, type TestStore } from '../../testing/server-database.ts'
import { createAccessStore } from './store.ts'

const access = (id: string, reader_id: string, account_id: string) => ({ id, account_id, reader_id, reader_name_sealed: Buffer.from(reader_id), reason_sealed: Buffer.from('why'), opened_at: 1, ends_at: 10, closed_at: null, reads: 0, last_read_at: null })

/** Two readers and two owners: the first reader opened the first owner's, the second the second's. */
async function withAccess(store: TestStore) {
  for (const id of ['acc_1', 'acc_2', 'acc_8', 'acc_9']) await store.addAccount(id)
  const accesses = createAccessStore(store.database)
  const write = async (...steps: readonly (WriteStep | readonly WriteStep[])[]) => { await store.database.write(steps.flat()) }
  await write(accesses.insert(access('acs_1', 'acc_8', 'acc_1')), accesses.insert(access('acs_2', 'acc_9', 'acc_2')))
  return { accesses, write, refused: async (step: WriteStep) => { await expect(write(step)).rejects.toBeInstanceOf(WriteConflict) } }
}
const page = { before: undefined, limit: 10 }

describeEachEngine('the store of opened conversations', (dialect) => {
  test('an access is its reader\'s, to that account, until it ends or is closed', async () => {
    await using store = await openTestStore(dialect)
    const { accesses, write, refused } = await withAccess(store)
    expect((await accesses.open('acc_8', 'acc_1', 9))?.id).toBe('acs_1')
    for (const [reader, account, now] of [['acc_9', 'acc_1', 9], ['acc_8', 'acc_2', 9], ['acc_8', 'acc_1', 10]] as const) expect(await accesses.open(reader, account, now)).toBeUndefined()
    for (const step of [accesses.close('acs_1', 10), accesses.count('acs_1', 10)]) await refused(step)
    await write(accesses.count('acs_1', 9), accesses.close('acs_1', 9))
    expect(await accesses.open('acc_8', 'acc_1', 9)).toBeUndefined()
    for (const step of [accesses.close('acs_1', 9), accesses.count('acs_1', 9)]) await refused(step)
    expect((await accesses.ofAccount('acc_1', page)).map(({ id, reads }) => [id, reads])).toEqual([['acs_1', 1]])
    expect((await accesses.ofReader('acc_9', page)).map(({ id, reads }) => [id, reads])).toEqual([['acs_2', 0]])
  })

  test('what one reader has opened is closed, or what all have; what had ended stays as it was', async () => {
    await using store = await openTestStore(dialect)
    const { accesses, write } = await withAccess(store)
    await write(accesses.insert({ ...access('acs_3', 'acc_8', 'acc_2'), ends_at: 5 }))
    const closed = async () => Promise.all(['acc_1', 'acc_2'].map(async (id) => (await accesses.ofAccount(id, page)).map((row) => [row.id, row.closed_at])))
    await write(accesses.closeAll('acc_8', 5))
    expect(await closed()).toEqual([[['acs_1', 5]], [['acs_3', null], ['acs_2', null]]])
    await write(accesses.closeAll(null, 6))
    expect(await closed()).toEqual([[['acs_1', 5]], [['acs_3', null], ['acs_2', 6]]])
  })

  test('what was read is noted where it is the account\'s', async () => {
    await using store = await openTestStore(dialect)
    const { accesses, write } = await withAccess(store)
    const conversation = (id: string, account_id: string) => ({ id, account_id, title_sealed: Buffer.from('t'), pseudonyms_sealed: null, model: 'm', created_at: 1, updated_at: 1 })
    await write({ query: store.database.read.insertInto('conversation').values([conversation('con_1', 'acc_1'), conversation('con_2', 'acc_2')]).compile() })
    await write(...['con_1', 'con_2', 'con_3'].map((conversationId) => accesses.note('acs_1', { accountId: 'acc_1', conversationId })))
    expect(await accesses.conversationsOf(['acs_1', 'acs_2'])).toEqual([{ access_id: 'acs_1', conversation_id: 'con_1' }])
  })
})
