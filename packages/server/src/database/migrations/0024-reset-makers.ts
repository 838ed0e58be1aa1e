import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

/** Who made a link that sets a new password, so that it ends with what let them make it. Links of before name nobody, and live for a day. */
export const resetMakers: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema.alterTable('password_reset').addColumn('created_by', 'text').execute()
  },
}
