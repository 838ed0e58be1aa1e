import { sql, type Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'
import type { Columns } from '../columns.ts'
import type { Dialect } from '../database.ts'

/** Counts of limits whose windows outlive a restart. They are written with every question, so on PostgreSQL pages keep room for the next version of a row. */
export const limits = ({ moment, count, byKey }: Columns, dialect: Dialect): Migration => ({
  async up(db: Kysely<unknown>) {
    await db.schema.createTable('rate_slot')
      .addColumn('rule', 'text', (column) => column.notNull())
      .addColumn('subject', 'text', (column) => column.notNull())
      .addColumn('slot', count, (column) => column.notNull())
      .addColumn('count', count, (column) => column.notNull())
      .addColumn('ends_at', moment, (column) => column.notNull())
      .addPrimaryKeyConstraint('rate_slot_pk', ['rule', 'subject', 'slot'])
      .modifyEnd(byKey).execute()
    await db.schema.createIndex('rate_slot_by_end').on('rate_slot').columns(['ends_at']).execute()
    if (dialect === 'postgres') await sql`alter table rate_slot set (fillfactor = 50)`.execute(db)
  },
})
