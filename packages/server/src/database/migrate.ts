import type { Kysely } from 'kysely'
import { Migrator } from 'kysely/migration'
import type { Dialect } from './database.ts'
import { migrationsFor } from './migrations/index.ts'
import type { Schema } from './schema.ts'

/** Brings the store to the newest schema, each migration in its own transaction. Throws the first failure; a store that is newer than this program is one. */
export async function migrate(database: Kysely<Schema>, dialect: Dialect): Promise<void> {
  const migrator = new Migrator({ db: database, provider: { getMigrations: () => Promise.resolve(migrationsFor(dialect)) } })
  const { error } = await migrator.migrateToLatest()
  if (error !== undefined) throw error instanceof Error ? error : new Error('The store could not be migrated.', { cause: error })
}
