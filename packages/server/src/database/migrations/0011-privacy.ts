import { sql, type Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'
import type { Columns } from '../columns.ts'

/** Proofs of erasure, which name nobody, exports of what is held on somebody, and conversations that are not meant to last. */
export const privacy = ({ bytes, moment, count }: Columns): Migration => ({
  async up(db: Kysely<unknown>) {
    await db.schema.createTable('erasure')
      .addColumn('id', 'text', (column) => column.primaryKey())
      .addColumn('account_lookup', bytes, (column) => column.notNull().unique())
      .addColumn('erased_at', moment, (column) => column.notNull())
      .addColumn('requested_by', 'text', (column) => column.notNull())
      .addColumn('facts', 'text', (column) => column.notNull())
      .addColumn('backups_closed_at', moment)
      .execute()
    await db.schema.createTable('data_export')
      .addColumn('id', 'text', (column) => column.primaryKey())
      .addColumn('account_id', 'text', (column) => column.notNull().references('account.id').onDelete('cascade'))
      .addColumn('state', 'text', (column) => column.notNull())
      .addColumn('key_sealed', bytes, (column) => column.notNull())
      .addColumn('begun_at', moment, (column) => column.notNull())
      .addColumn('ended_at', moment)
      .addColumn('expires_at', moment, (column) => column.notNull())
      .addColumn('done', count, (column) => column.notNull())
      .addColumn('total', count, (column) => column.notNull())
      .addColumn('bytes', count, (column) => column.notNull())
      .execute()
    await db.schema.alterTable('conversation').addColumn('ephemeral', 'integer', (column) => column.notNull().defaultTo(0)).execute()
    await sql`create index conversation_ephemeral on conversation (updated_at) where ephemeral = 1`.execute(db)
    await db.schema.createIndex('data_export_by_account').on('data_export').columns(['account_id', 'id']).execute()
  },
})
