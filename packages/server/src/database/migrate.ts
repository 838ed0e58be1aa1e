import { sql, type Kysely } from 'kysely'
import { Migrator } from 'kysely/migration'
import type { Dialect } from './database.ts'
import { migrationsFor } from './migrations/index.ts'
import type { Schema } from './schema.ts'

/** Brings the store to the newest schema, in one transaction: all of it or nothing. Throws the first failure; a store that is newer than this program is one. */
export async function migrate(database: Kysely<Schema>, dialect: Dialect): Promise<void> {
  const { error } = await (await migratorOf(database, dialect)).migrateToLatest()
  if (error !== undefined) throw failureOf(error)
}

/** Brings an empty store to the schema that it had after one migration. Throws the first failure. */
export async function migrateTo(database: Kysely<Schema>, dialect: Dialect, name: string): Promise<void> {
  const { error } = await (await migratorOf(database, dialect)).migrateTo(name)
  if (error !== undefined) throw failureOf(error)
}

/** The names of all migrations of this program, in order. */
export const migrationNames = (): readonly string[] => Object.keys(migrationsFor('sqlite')).toSorted()

/** On PostgreSQL the list of migrations is that of the connection's own schema: the migrator alone would take that of any schema for it. */
async function migratorOf(database: Kysely<Schema>, dialect: Dialect): Promise<Migrator> {
  const provider = { getMigrations: () => Promise.resolve(migrationsFor(dialect)) }
  if (dialect === 'sqlite') return new Migrator({ db: database, provider })
  const { rows } = await sql<{ readonly name: string | null }>`select current_schema() as name`.execute(database)
  const schema = rows[0]?.name
  return new Migrator({ db: database, provider, ...(schema != null && { migrationTableSchema: schema }) })
}
const failureOf = (error: unknown) => (error instanceof Error ? error : new Error('The store could not be migrated.', { cause: error }))
