import * as z from 'zod/mini'
import type { Snapshot } from '../snapshot.ts'
import { connectSqlite, type SqliteFile } from './connect.ts'
import { describeMigrations, describeTables, quoted } from './describe.ts'

const ROWS = 500
const Row = z.array(z.unknown())
const Count = z.number()

/** A snapshot of the embedded store: one read transaction on a connection of its own. The writer goes on; its log grows until this closes. */
export function openSqliteSnapshot(file: SqliteFile): Promise<Snapshot> {
  const connection = connectSqlite(file, true)
  connection.exec('begin')
  return Promise.resolve({
    migrations: describeMigrations(connection),
    tables: describeTables(connection),
    count: (table) => Promise.resolve(Count.parse(connection.prepare(`select count(*) from ${quoted(table)}`).pluck().get())),
    async *rows({ name, columns }) {
      const statement = connection.prepare(`select ${columns.map((column) => quoted(column.name)).join(', ')} from ${quoted(name)}`).raw()
      let batch: unknown[][] = []
      for (const row of statement.iterate()) {
        batch.push(Row.parse(row))
        if (batch.length < ROWS) continue
        yield batch
        batch = []
      }
      if (batch.length > 0) yield batch
    },
    close: () => { connection.close(); return Promise.resolve() },
  })
}
