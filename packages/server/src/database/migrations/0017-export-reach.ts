import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

/** What an export holds. One from before may hold what its owner alone may read, so it is the owner's. */
export const exportReach: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema.alterTable('data_export').addColumn('reach', 'text', (column) => column.notNull().defaultTo('everything')).execute()
  },
}
