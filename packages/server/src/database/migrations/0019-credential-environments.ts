import { sql, type Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

/** What each key of a provider is for. Those that were there are taken to be for production: where that is wrong, they are refused, and not used where they must not be. */
export const credentialEnvironments: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema.alterTable('provider_credential').addColumn('environment', 'text', (column) => column.notNull().defaultTo(sql`'production'`)).execute()
  },
}
