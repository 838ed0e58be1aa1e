import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'
import type { Columns } from '../columns.ts'

/** Sealed values that do not open and that somebody was told of, so that each is told once. */
export const brokenValues = ({ moment }: Columns): Migration => ({
  async up(db: Kysely<unknown>) {
    await db.schema.createTable('broken_value')
      .addColumn('table_name', 'text', (column) => column.notNull())
      .addColumn('row_name', 'text', (column) => column.notNull())
      .addColumn('column_name', 'text', (column) => column.notNull())
      .addColumn('account_id', 'text', (column) => column.references('account.id').onDelete('cascade'))
      .addColumn('found_at', moment, (column) => column.notNull())
      .addPrimaryKeyConstraint('broken_value_pk', ['table_name', 'row_name', 'column_name'])
      .execute()
    await db.schema.createIndex('broken_value_account').on('broken_value').column('account_id').execute()
  },
})
