import { expect, test } from 'vitest'
import type { WriteStep } from '../../database/database.ts'
import { describeEachEngine, openTestStore } from '../../testing/server-database.ts'
import { countAccounts, eraseOwnerless } from './store.ts'

describeEachEngine('what a restore removes again', (dialect) => {
  test('is what belongs to those whose key is gone, and nothing else', async () => {
    await using store = await openTestStore(dialect)
    const { read } = store.database
    const write = (...steps: readonly WriteStep[]) => store.database.write(steps)
    for (const id of ['acc_1', 'acc_2']) await store.addAccount(id)
    const turn = (id: string, account_id: string) => ({ id, account_id, conversation_id: null, credential_id: 'key_1', entrance: 'gateway', model: 'm', status: 'complete' as const, input_tokens: 1, output_tokens: 1, notices: '[]', started_at: 1, ended_at: 1 })
    await write({ query: read.insertInto('turn').values([turn('trn_1', 'acc_1'), turn('trn_2', 'acc_2')]).compile() })
    // The collections of people are sealed with their keys, those of everybody with their own.
    for (const [id, kind, owner] of [['col_1', 'mine', 'acc_1'], ['col_2', 'mine', 'acc_2'], ['col_s', 'shared', 'shared'], ['col_h', 'handbook', 'handbook']] as const) {
      await write(
        { query: read.insertInto('collection').values({ id, kind, owner, passages: 0, words: 0, created_at: 1 }).compile() },
        { query: read.insertInto('collection_word').values({ collection_id: id, word: 'w', passages: 1 }).compile() },
      )
    }
    await write((await store.keyRing.create('col_s')).step, { query: read.deleteFrom('data_key').where('owner_id', '=', 'acc_1').compile() })
    expect(await countAccounts(store.database)).toBe(2)
    await write(...eraseOwnerless(store.database))
    const collections = (await read.selectFrom('collection').select('id').orderBy('id').execute()).map(({ id }) => id)
    expect({
      accounts: (await read.selectFrom('account').select('id').execute()).map(({ id }) => id), turns: (await read.selectFrom('turn').select('id').execute()).map(({ id }) => id), collections,
      words: (await read.selectFrom('collection_word').select('collection_id').orderBy('collection_id').execute()).map(({ collection_id }) => collection_id),
    }).toEqual({ accounts: ['acc_2'], turns: ['trn_2'], collections: ['col_2', 'col_s'], words: ['col_2', 'col_s'] })
    expect(await countAccounts(store.database)).toBe(1)
  })
})
