import SQLite from 'better-sqlite3-multiple-ciphers'
import { viewOf } from '../../kernel/wipe.ts'

export interface SqliteFile {
  readonly path: string
  /** The 32 bytes that encrypt the pages; null only in tests that show sealing without page encryption. */
  readonly pageKey: Uint8Array | null
}

/**
 * Opens one connection with encrypted pages (DAT-1, DAT-2): write-ahead log, full syncing, temporary tables in memory.
 * Throws when the key does not fit the file.
 */
export function connectSqlite(file: SqliteFile, readonly: boolean): SQLite.Database {
  const connection = new SQLite(file.path, { readonly })
  if (file.pageKey !== null) {
    connection.pragma(`cipher = 'aegis'`)
    connection.pragma(`key = "raw:${viewOf(file.pageKey).toString('hex')}"`)
  }
  connection.pragma('temp_store = MEMORY')
  connection.pragma('busy_timeout = 5000')
  if (!readonly) {
    connection.pragma('journal_mode = WAL')
    connection.pragma('synchronous = FULL')
    // Hot pages are copied back once for many commits. The log stays below some 16 MiB.
    connection.pragma('wal_autocheckpoint = 4000')
    connection.pragma('foreign_keys = ON')
    connection.pragma('secure_delete = ON')
  }
  connection.pragma('schema_version')
  return connection
}
