import { open } from 'node:fs/promises'
import { connectSqlite, type SqliteFile } from './connect.ts'

/** Puts everything of a store that nobody has open into its one file, durably, so that the file can be renamed. */
export async function settleSqlite(file: SqliteFile): Promise<void> {
  const connection = connectSqlite(file, false)
  connection.pragma('wal_checkpoint(TRUNCATE)')
  connection.close()
  const handle = await open(file.path, 'r')
  await handle.sync().finally(async () => { await handle.close() })
}
