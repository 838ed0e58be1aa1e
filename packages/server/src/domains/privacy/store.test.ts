import { expect, test } from 'vitest'
import type { WriteStep } from '../../database/database.ts'
import { describeEachEngine, openTestStore, type TestStore } from '../../testing/server-database.ts'
import { personalTables } from './personal-tables.ts'
import { createPrivacyStore } from './store.ts'

/** Two accounts, each with a collection, a document, a passage, a word and a turn; and a collection that is everybody's. */
async function withTwo(store: TestStore) {
  const { database: { read } } = store
  for (const id of ['acc_1', 'acc_2']) await store.addAccount(id)
  const write = (...steps: readonly WriteStep[]) => store.database.write(steps)
  for (const [owner, kind] of [['acc_1', 'mine'], ['acc_2', 'mine'], ['shared', 'shared']] as const) {
    const [collection_id, document_id] = [`col_${owner}`, `doc_${owner}`]
    await write(
      { query: read.insertInto('collection').values({ id: collection_id, kind, owner, passages: 1, words: 1, created_at: 1 }).compile() },
      { query: read.insertInto('document').values({ id: document_id, collection_id, source: null, title_sealed: Buffer.from('t'), content_lookup: Buffer.from(owner), language: 'en', tokeniser: 1, passages: 1, created_at: 1 }).compile() },
      { query: read.insertInto('passage').values({ id: `psg_${owner}`, document_id, collection_id, position: 0, from_offset: 0, to_offset: 1, heading_sealed: Buffer.from('h'), text_sealed: Buffer.from('x'), words: 1, postings: Buffer.from('p') }).compile() },
      { query: read.insertInto('collection_word').values({ collection_id, word: 'w', passages: 1 }).compile() },
    )
  }
  const turn = (id: string, account_id: string) => ({ id, account_id, conversation_id: null, credential_id: 'key_1', entrance: 'gateway', model: 'm', status: 'complete' as const, input_tokens: 1, output_tokens: 1, notices: '[]', started_at: 1, ended_at: 1 })
  await write({ query: read.insertInto('turn').values([turn('trn_1', 'acc_1'), turn('trn_2', 'acc_2')]).compile() })
  return { privacy: createPrivacyStore(store.database), write }
}

describeEachEngine('the store of privacy', (dialect) => {
  test('counts and removes what is an account\'s, and leaves the others\'', async () => {
    await using store = await openTestStore(dialect)
    const { privacy, write } = await withTwo(store)
    expect(await privacy.countDocuments('acc_1')).toEqual({ document: 1, passage: 1, collection_word: 1 })
    // What is everybody's is nobody's own, whatever it is called.
    expect(await privacy.countDocuments('shared')).toEqual({ document: 0, passage: 0, collection_word: 0 })
    expect(await privacy.countDocuments('acc_9')).toEqual({ document: 0, passage: 0, collection_word: 0 })
    const turns = personalTables.find(({ table }) => table === 'turn')
    if (turns === undefined) throw new Error('Turns name an account.')
    expect([await privacy.count(turns, 'acc_1'), await privacy.count(turns, 'acc_9')]).toEqual([1, 0])
    await write(privacy.removeTurns('acc_1'))
    expect((await store.database.read.selectFrom('turn').select('account_id').execute()).map(({ account_id }) => account_id)).toEqual(['acc_2'])
  })

  test('names the key versions of one owner, and the owners page by page', async () => {
    await using store = await openTestStore(dialect)
    const { privacy, write } = await withTwo(store)
    const versions = await privacy.keyVersions('acc_1')
    await write({ query: store.database.read.insertInto('data_key').values({ owner_id: 'acc_2', version: 77, wrapped: Buffer.from('w'), created_at: 1 }).compile() })
    expect(await privacy.keyVersions('acc_1')).toEqual(versions)
    expect((await privacy.keyVersions('acc_2')).toSorted((one, other) => one - other)).toEqual([...versions, 77])
    expect([await privacy.keyOwners('', 1), await privacy.keyOwners('acc_1', 9), await privacy.keyOwners('acc_2', 9)]).toEqual([['acc_1'], ['acc_2'], []])
  })
})
