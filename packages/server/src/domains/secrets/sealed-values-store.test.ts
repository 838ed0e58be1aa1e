import { expect, test } from 'vitest'
import { describeEachEngine, openTestStore, type TestStore } from '../../testing/server-database.ts'
import { createSealedValues, tablesOf } from './sealed-values-store.ts'

/** No value is under this version, so that every one is told of. */
const NO_VERSION = 99
/** A value as it is stored: a byte of the format, then its version. */
const sealedUnder = (version: number) => Buffer.from([1, 0, 0, 0, version, 7, 7])

/** Two accounts with a document each, and one that is everybody's. */
async function withThree(store: TestStore): Promise<void> {
  const { database: { read, write } } = store
  for (const id of ['acc_1', 'acc_2']) await store.addAccount(id)
  for (const [owner, kind, version] of [['acc_1', 'mine', 3], ['acc_2', 'mine', 3], ['server', 'shared', 4]] as const) {
    await write([
      { query: read.insertInto('collection').values({ id: `col_${owner}`, kind, owner, passages: 0, words: 0, created_at: 1 }).compile() },
      { query: read.insertInto('document').values({ id: `doc_${owner}`, collection_id: `col_${owner}`, source: null, title_sealed: sealedUnder(version), content_lookup: Buffer.from(owner), language: 'en', tokeniser: 1, passages: 0, created_at: 1 }).compile() },
    ])
  }
}

describeEachEngine('sealed values by their owner', (dialect) => {
  test('are those of one account, or of one collection that is everybody\'s', async () => {
    await using store = await openTestStore(dialect)
    await withThree(store)
    const values = createSealedValues(store.database)
    const rowsOf = async (owner: string) => {
      const found: string[] = []
      for (const table of tablesOf(owner)) found.push(...(await values.rowsOf(table, owner, { version: NO_VERSION, after: '', limit: 9 })).map(({ row }) => row))
      return found
    }
    expect([await rowsOf('acc_1'), await rowsOf('acc_2'), await rowsOf('col_server')]).toEqual([['acc_1', 'doc_acc_1'], ['acc_2', 'doc_acc_2'], ['doc_server']])
    // A collection of somebody's own is sealed for its owner, not for itself.
    expect([await rowsOf('col_acc_1'), await rowsOf('server'), await rowsOf('acc_9')]).toEqual([[], [], []])
    expect([await values.countSealed('acc_1', NO_VERSION, false), await values.countSealed('acc_1', 3, true), await values.countSealed('col_server', 4, true), await values.countSealed('col_server', 4, false)]).toEqual([3, 1, 1, 0])
  })

  test('a value takes the place of the one that was read, in its row alone', async () => {
    await using store = await openTestStore(dialect)
    await withThree(store)
    const values = createSealedValues(store.database)
    const documents = tablesOf('acc_1').find(({ table }) => table === 'document')
    if (documents === undefined) throw new Error('Documents are sealed.')
    const reseal = (from: number, to: number) => store.database.write([values.reseal(documents, { name: 'doc_acc_1', column: 'title_sealed' }, { from: sealedUnder(from), to: sealedUnder(to) })])
    const versions = async () => (await store.database.read.selectFrom('document').select('title_sealed').orderBy('id').execute()).map(({ title_sealed: value }) => Buffer.from(value).readUInt8(4))
    await reseal(3, 5)
    expect(await versions()).toEqual([5, 3, 4])
    await reseal(3, 6)
    expect(await versions()).toEqual([5, 3, 4])
  })
})
