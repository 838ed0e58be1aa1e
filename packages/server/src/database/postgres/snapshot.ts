import pg from 'pg'
import * as z from 'zod/mini'
import type { Snapshot } from '../snapshot.ts'
import { connectionOf, type PostgresPlace } from './connection.ts'
import { describeTables, quoted } from './describe.ts'

const ROWS = 500
const BIGINT = 20
const Rows = z.array(z.array(z.unknown()))
const Names = z.array(z.object({ name: z.string() }))
const Count = z.object({ count: z.number() })
const Schema = z.object({ name: z.string() })

/** Times and counts come back as numbers, as from the embedded store. */
export const plainTypes: pg.CustomTypesConfig = { getTypeParser: (id: number, format?: 'text' | 'binary'): unknown => (id === BIGINT ? Number : pg.types.getTypeParser(id, format)) }

/** A snapshot of the scaled store: one repeatable, read-only transaction on a connection of its own, read through a cursor. */
export async function openPostgresSnapshot(place: PostgresPlace): Promise<Snapshot> {
  const client = new pg.Client({ ...connectionOf(place), types: plainTypes })
  await client.connect()
  try {
    await client.query('begin isolation level repeatable read read only')
    const schema = Schema.parse((await client.query('select current_schema() as name')).rows[0]).name
    const migrations = Names.parse((await client.query('select name from kysely_migration order by name collate "C"')).rows).map(({ name }) => name)
    return {
      migrations,
      tables: await describeTables(client, schema),
      count: async (table) => Count.parse((await client.query(`select count(*)::int8 as count from ${quoted(table)}`)).rows[0]).count,
      async *rows({ name, columns }) {
        await client.query(`declare backup_rows no scroll cursor for select ${columns.map((column) => quoted(column.name)).join(', ')} from ${quoted(name)}`)
        for (;;) {
          const { rows } = await client.query({ text: `fetch ${ROWS} from backup_rows`, rowMode: 'array' })
          if (rows.length === 0) break
          yield Rows.parse(rows)
        }
        await client.query('close backup_rows')
      },
      close: () => client.end(),
    }
  } catch (error) {
    await client.end()
    throw error
  }
}
