import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'
import type { Columns } from '../columns.ts'

/** Attempts to make a backup, and the public recipients that backups are sealed for. */
export const backups = ({ moment, count }: Columns): Migration => ({
  async up(db: Kysely<unknown>) {
    await db.schema.createTable('backup_run')
      .addColumn('id', 'text', (column) => column.primaryKey())
      .addColumn('started_at', moment, (column) => column.notNull())
      .addColumn('ended_at', moment, (column) => column.notNull())
      .addColumn('outcome', 'text', (column) => column.notNull())
      .addColumn('name', 'text', (column) => column.notNull())
      .addColumn('bytes', count, (column) => column.notNull())
      .addColumn('rows', count, (column) => column.notNull())
      .addColumn('problem', 'text', (column) => column.notNull())
      .execute()
    await db.schema.createTable('backup_recipient')
      .addColumn('recipient', 'text', (column) => column.primaryKey())
      .addColumn('created_at', moment, (column) => column.notNull())
      .execute()
  },
})
