import { sql, type Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'
import type { Dialect } from '../database.ts'

/** The words of messages as keyed hashes. `message_word` belongs to the message index of the engine. Both go with the message, whoever removes it. */
export const messageSearch = (dialect: Dialect): Migration => ({
  async up(db: Kysely<unknown>) {
    await db.schema.createTable('message_index')
      .addColumn('number', dialect === 'sqlite' ? 'integer' : 'serial', (column) => (dialect === 'sqlite' ? column.primaryKey().autoIncrement() : column.primaryKey()))
      .addColumn('message_id', 'text', (column) => column.notNull().unique().references('message.id').onDelete('cascade'))
      .addColumn('tokeniser', 'integer', (column) => column.notNull())
      .execute()
    if (dialect === 'sqlite') {
      await sql`create virtual table message_word using fts5(words, content='', contentless_delete=1, detail=none, tokenize='ascii')`.execute(db)
      // A full text table takes part in no foreign key.
      await sql`create trigger message_index_removed after delete on message_index begin delete from message_word where rowid = old.number; end`.execute(db)
    } else {
      await sql`create table message_word (number integer primary key references message_index (number) on delete cascade, words tsvector not null)`.execute(db)
      await sql`create index message_word_by_word on message_word using gin (words)`.execute(db)
    }
  },
})
