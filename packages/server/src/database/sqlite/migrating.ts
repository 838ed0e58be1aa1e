import { Kysely, SqliteAdapter, SqliteDialect } from 'kysely'
import type { Schema } from '../schema.ts'
import { connectSqlite, type SqliteFile } from './connect.ts'

/**
 * SQLite undoes changes of the schema with their transaction. Kysely's adapter says that it does not, so each statement would stand alone,
 * and a process that ends in between would leave a store that no start can migrate again.
 */
class TransactionalAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean { return true }
}
class MigratingDialect extends SqliteDialect {
  override createAdapter(): SqliteAdapter { return new TransactionalAdapter() }
}

/** Runs migrations on a connection of their own: what they change is there wholly or not at all. */
export async function withMigrator(file: SqliteFile, run: (database: Kysely<Schema>) => Promise<void>): Promise<void> {
  const database = new Kysely<Schema>({ dialect: new MigratingDialect({ database: connectSqlite(file, false) }) })
  try {
    await run(database)
  } finally {
    await database.destroy()
  }
}
