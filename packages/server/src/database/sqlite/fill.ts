import { syncPath } from '../../kernel/sync-path.ts'
import { migrateTo } from '../migrate.ts'
import type { FillTarget } from '../snapshot.ts'
import { connectSqlite, type SqliteFile } from './connect.ts'
import { describeTables, quoted } from './describe.ts'
import { withMigrator } from './migrating.ts'

/** An empty embedded store of the schema after `migration`, to be filled from a dump. The file must not be there yet. */
export async function openSqliteFill(file: SqliteFile, migration: string): Promise<FillTarget> {
  await withMigrator(file, (database) => migrateTo(database, 'sqlite', migration))
  const connection = connectSqlite(file, false)
  connection.pragma('foreign_keys = OFF')
  connection.pragma('synchronous = OFF')
  const tables = describeTables(connection)
  connection.exec('begin')
  for (const { name } of tables) connection.exec(`delete from ${quoted(name)}`)
  return {
    tables,
    insert({ name, columns }, rows) {
      const statement = connection.prepare(`insert into ${quoted(name)} (${columns.map((column) => quoted(column.name)).join(', ')}) values (${columns.map(() => '?').join(', ')})`)
      for (const row of rows) statement.run(...row)
      return Promise.resolve()
    },
    async finish() {
      connection.exec('commit')
      const broken = connection.pragma('foreign_key_check')
      if (!Array.isArray(broken) || broken.length > 0) throw new Error('Rows refer to rows that are not there.')
      connection.pragma('wal_checkpoint(TRUNCATE)')
      connection.close()
      await syncPath(file.path)
    },
    close: () => { connection.close(); return Promise.resolve() },
  }
}
