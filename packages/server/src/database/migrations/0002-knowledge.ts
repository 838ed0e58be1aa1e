import { sql, type Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'
import type { Columns } from '../columns.ts'
import type { Dialect } from '../database.ts'

/** Documents, their passages, and the words of the passages as keyed hashes. `passage_word` belongs to the passage index of the engine. */
export const knowledge = ({ bytes, moment, count }: Columns, dialect: Dialect): Migration => ({
  async up(db: Kysely<unknown>) {
    await db.schema.createTable('collection')
      .addColumn('id', 'text', (column) => column.primaryKey())
      .addColumn('kind', 'text', (column) => column.notNull())
      .addColumn('owner', 'text', (column) => column.notNull().unique())
      .addColumn('passages', count, (column) => column.notNull())
      .addColumn('words', count, (column) => column.notNull())
      .addColumn('created_at', moment, (column) => column.notNull())
      .execute()
    await db.schema.createTable('document')
      .addColumn('id', 'text', (column) => column.primaryKey())
      .addColumn('collection_id', 'text', (column) => column.notNull().references('collection.id').onDelete('cascade'))
      .addColumn('source', 'text')
      .addColumn('title_sealed', bytes, (column) => column.notNull())
      .addColumn('content_lookup', bytes, (column) => column.notNull())
      .addColumn('language', 'text', (column) => column.notNull())
      .addColumn('tokeniser', 'integer', (column) => column.notNull())
      .addColumn('passages', 'integer', (column) => column.notNull())
      .addColumn('created_at', moment, (column) => column.notNull())
      .addUniqueConstraint('document_source', ['collection_id', 'source'])
      .execute()
    await db.schema.createIndex('document_by_collection').on('document').columns(['collection_id', 'id']).execute()
    await db.schema.createTable('passage')
      .addColumn('number', dialect === 'sqlite' ? 'integer' : 'serial', (column) => (dialect === 'sqlite' ? column.primaryKey().autoIncrement() : column.primaryKey()))
      .addColumn('id', 'text', (column) => column.notNull().unique())
      .addColumn('document_id', 'text', (column) => column.notNull().references('document.id').onDelete('cascade'))
      .addColumn('collection_id', 'text', (column) => column.notNull())
      .addColumn('position', 'integer', (column) => column.notNull())
      .addColumn('from_offset', 'integer', (column) => column.notNull())
      .addColumn('to_offset', 'integer', (column) => column.notNull())
      .addColumn('heading_sealed', bytes, (column) => column.notNull())
      .addColumn('text_sealed', bytes, (column) => column.notNull())
      .addColumn('words', 'integer', (column) => column.notNull())
      .addColumn('postings', bytes, (column) => column.notNull())
      .execute()
    await db.schema.createIndex('passage_by_document').on('passage').columns(['document_id', 'position']).execute()
    await db.schema.createTable('collection_word')
      .addColumn('collection_id', 'text', (column) => column.notNull())
      .addColumn('word', 'text', (column) => column.notNull())
      .addColumn('passages', count, (column) => column.notNull())
      .addPrimaryKeyConstraint('collection_word_pk', ['collection_id', 'word'])
      .execute()
    if (dialect === 'sqlite') {
      await sql`create virtual table passage_word using fts5(words, content='', contentless_delete=1, detail=none, tokenize='ascii')`.execute(db)
    } else {
      await sql`create table passage_word (number integer primary key references passage (number) on delete cascade, words tsvector not null)`.execute(db)
      await sql`create index passage_word_by_word on passage_word using gin (words)`.execute(db)
    }
  },
})
