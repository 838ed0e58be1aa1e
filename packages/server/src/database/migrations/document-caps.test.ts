import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createPostgresDatabase } from '../../testing/postgres.ts'
import { describeEachEngine } from '../../testing/server-database.ts'
import { inSchema, openPostgresFill } from '../postgres/fill.ts'
import { openPostgres } from '../postgres/open.ts'
import type { FillTarget } from '../snapshot.ts'
import { openSqliteFill } from '../sqlite/fill.ts'
import { openSqlite } from '../sqlite/open.ts'

const BEFORE = '0032-broken-values'

/** A row in the order of the table's columns, with null for what is not named. */
const put = (store: FillTarget, name: string, row: Readonly<Record<string, unknown>>): Promise<void> => {
  const table = store.tables.find((each) => each.name === name)
  if (table === undefined) throw new Error(`There is no ${name}.`)
  return store.insert(table, [table.columns.map((column) => row[column.name] ?? null)])
}

describeEachEngine('documents that were there before they were counted', (dialect) => {
  test('are counted, each collection\'s for itself, with what is stored of them', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'sallyport-caps-'))
    const postgres = dialect === 'postgres' ? await createPostgresDatabase() : null
    const file = { path: join(directory, 'store.db'), pageKey: randomBytes(32) }
    const place = postgres === null ? null : { place: { url: postgres.url }, schema: 'earlier' }
    const filling = place === null ? await openSqliteFill(file, BEFORE) : await openPostgresFill(place, BEFORE)
    const bytes = (length: number) => Buffer.alloc(length, 1)
    for (const [id, owner] of [['col_1', 'acc_1'], ['col_2', 'acc_2'], ['col_3', 'acc_3']] as const) await put(filling, 'collection', { id, kind: 'mine', owner, passages: 0, words: 0, created_at: 1 })
    for (const [id, collection_id] of [['doc_1', 'col_1'], ['doc_2', 'col_1'], ['doc_3', 'col_2']] as const) {
      await put(filling, 'document', { id, collection_id, title_sealed: bytes(10), content_lookup: bytes(1), language: 'en', tokeniser: 1, passages: 1, created_at: 1 })
    }
    const passage = (number: number, document_id: string, collection_id: string) => put(filling, 'passage', { number, id: `psg_${number}`, document_id, collection_id, position: number, from_offset: 0, to_offset: 1, heading_sealed: bytes(20), text_sealed: bytes(300), words: 1, postings: bytes(4_000) })
    await passage(1, 'doc_1', 'col_1')
    await passage(2, 'doc_1', 'col_1')
    await passage(3, 'doc_3', 'col_2')
    await filling.finish()
    const database = place === null ? await openSqlite(file) : await openPostgres(inSchema(place.place, place.schema))
    expect(await database.read.selectFrom('collection').select(['id', 'documents', 'bytes']).orderBy('id').execute()).toEqual([
      { id: 'col_1', documents: 2, bytes: 2 * 4_320 + 2 * 10 }, { id: 'col_2', documents: 1, bytes: 4_320 + 10 }, { id: 'col_3', documents: 0, bytes: 0 },
    ])
    expect(await database.read.selectFrom('document').select(['id', 'bytes']).orderBy('id').execute()).toEqual([{ id: 'doc_1', bytes: 2 * 4_320 + 10 }, { id: 'doc_2', bytes: 10 }, { id: 'doc_3', bytes: 4_330 }])
    await database.close()
    await postgres?.[Symbol.asyncDispose]()
    await rm(directory, { recursive: true, force: true })
  })
})
