import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'
import type { Columns } from '../columns.ts'

/** The key that names of days follow from. */
export const dayNames = ({ bytes }: Columns): Migration => ({
  async up(db: Kysely<unknown>) {
    await db.schema.createTable('day_name_key')
      .addColumn('id', 'text', (column) => column.primaryKey())
      .addColumn('day', 'integer', (column) => column.notNull())
      .addColumn('key_sealed', bytes, (column) => column.notNull())
      .execute()
  },
})
