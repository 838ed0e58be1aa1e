import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'
import type { Columns } from '../columns.ts'

/** Kept backups as they were made, when each was looked at again, and what was wrong with it then. */
export const backupChecks = ({ moment, count }: Columns): Migration => ({
  async up(db: Kysely<unknown>) {
    await db.schema.createTable('backup_check')
      .addColumn('name', 'text', (column) => column.primaryKey())
      .addColumn('made_at', moment, (column) => column.notNull())
      .addColumn('bytes', count, (column) => column.notNull())
      .addColumn('rows', count, (column) => column.notNull())
      .addColumn('checked_at', moment)
      .addColumn('problem', 'text', (column) => column.notNull())
      .execute()
  },
})
