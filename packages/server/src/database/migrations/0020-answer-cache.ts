import { sql, type Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'
import type { Columns } from '../columns.ts'

/** Answers that are kept for the same request, one's own and shared ones; and what turns that were answered from them have saved. */
export const answerCache = ({ bytes, moment, count }: Columns): Migration => ({
  async up(db: Kysely<unknown>) {
    for (const table of ['own_answer', 'shared_answer']) {
      await db.schema.createTable(table)
        .addColumn('id', 'text', (column) => column.primaryKey())
        .addColumn('account_id', 'text', (column) => column.notNull().references('account.id').onDelete('cascade'))
        .addColumn('bytes', count, (column) => column.notNull())
        .addColumn('made_at', moment, (column) => column.notNull())
        .addColumn('hits', count, (column) => column.notNull())
        .addColumn('answer_sealed', bytes, (column) => column.notNull())
        .execute()
      // Sizes and ages are read from these alone, without the answers.
      await db.schema.createIndex(`${table}_by_account`).on(table).columns(['account_id', 'bytes']).execute()
      await db.schema.createIndex(`${table}_by_age`).on(table).columns(['made_at', 'id', 'bytes']).execute()
    }
    await db.schema.alterTable('turn').addColumn('saved_tokens', count).execute()
    await db.schema.alterTable('turn').addColumn('saved_money', count).execute()
    // Only turns that were answered from the cache enter it.
    await sql`create index turn_saved on turn (account_id, started_at) where saved_tokens is not null`.execute(db)
  },
})
