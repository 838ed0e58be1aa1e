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

/** A connection for migrations: what they change is there wholly or not at all. */
export const openForMigration = (file: SqliteFile): Kysely<Schema> => new Kysely<Schema>({ dialect: new MigratingDialect({ database: connectSqlite(file, false) }) })
