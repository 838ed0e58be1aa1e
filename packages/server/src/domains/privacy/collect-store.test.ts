import { expect, test } from 'vitest'
import type { WriteStep } from '../../database/database.ts'
import { describeEachEngine, openTestStore, type TestStore } from '../../testing/server-database.ts'
import { createCollectStore } from './collect-store.ts'
import { exportedTables } from './exported-tables.ts'

/** Two accounts, each with a document, a key that was used on a day, and an entry of the log; and a document that is everybody's. */
async function withTwo(store: TestStore): Promise<void> {
  const { database: { read } } = store
  const write = (...steps: readonly WriteStep[]) => store.database.write(steps)
  for (const id of ['acc_1', 'acc_2']) {
    await store.addAccount(id)
    await write(
      { query: read.insertInto('api_key').values({ id: `key_${id}`, account_id: id, name_sealed: Buffer.from('laptop'), start: 'slp_abc', digest: Buffer.from(id), created_at: 1 }).compile() },
      { query: read.insertInto('api_key_day').values({ key_id: `key_${id}`, day: 1, turns: 1, tokens: 1 }).compile() },
      { audit: { at: 1, action: 'key-created', actor: id, credential: 'session:ses_1', outcome: 'allowed', detail: '{}' } },
    )
  }
  for (const [owner, kind] of [['acc_1', 'mine'], ['acc_2', 'mine'], ['server', 'shared']] as const) {
    await write(
      { query: read.insertInto('collection').values({ id: `col_${owner}`, kind, owner, passages: 0, words: 0, created_at: 1 }).compile() },
      { query: read.insertInto('document').values({ id: `doc_${owner}`, collection_id: `col_${owner}`, source: null, title_sealed: Buffer.from('t'), content_lookup: Buffer.from(owner), language: 'en', tokeniser: 1, passages: 0, created_at: 1 }).compile() },
    )
  }
  await write({ audit: { at: 2, action: 'account-changed', actor: 'acc_2', credential: 'session:ses_1', outcome: 'allowed', detail: '{"accountId":"acc_1"}' } })
}

describeEachEngine('what is held on one account', (dialect) => {
  test('is its own rows, by whatever they name it, and nobody else\'s', async () => {
    await using store = await openTestStore(dialect)
    await withTwo(store)
    const collect = createCollectStore(store.database)
    const found = async (name: string, column: string, accountId: string) => {
      const table = exportedTables.find((one) => one.table === name)
      if (table === undefined) throw new Error(`No such table: ${name}`)
      const values: unknown[] = []
      for await (const row of collect.rowsOf(table, accountId)) values.push(row[column])
      return values
    }
    for (const id of ['acc_1', 'acc_2']) {
      expect([await found('account', 'id', id), await found('api_key', 'id', id), await found('api_key_day', 'key_id', id), await found('document', 'id', id)]).toEqual([[id], [`key_${id}`], [`key_${id}`], [`doc_${id}`]])
    }
    // What another did to the account is told to both.
    expect([await found('audit_entry', 'action', 'acc_1'), await found('audit_entry', 'action', 'acc_2')]).toEqual([['key-created', 'account-changed'], ['key-created', 'account-changed']])
    expect(await found('audit_entry', 'actor', 'acc_1')).toEqual(['acc_1', 'acc_2'])
    expect(await Promise.all(['acc_1', 'acc_2', 'acc_3'].map((id) => collect.count(id, 'everything')))).toEqual([6, 6, 0])
    // Without the document.
    expect(await collect.count('acc_1', 'account')).toBe(5)
  })
})
