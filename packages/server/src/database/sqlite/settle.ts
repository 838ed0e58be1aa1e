import { syncPath } from '../../kernel/sync-path.ts'
import { connectSqlite, type SqliteFile } from './connect.ts'

/** Puts everything of a store that nobody has open into its one file, durably, so that the file can be renamed. */
export async function settleSqlite(file: SqliteFile): Promise<void> {
  const connection = connectSqlite(file, false)
  connection.pragma('wal_checkpoint(TRUNCATE)')
  connection.close()
  await syncPath(file.path)
}
