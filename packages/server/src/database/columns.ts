import { sql } from 'kysely'
import type { Dialect } from './database.ts'

/** The column types that differ between engines. Moments are milliseconds since the epoch; `byKey` keeps the rows of a table in the order of its key, in one tree. */
export const columnsOf = (dialect: Dialect) =>
  dialect === 'sqlite'
    ? ({ bytes: 'blob', moment: 'integer', count: 'integer', byKey: sql`without rowid` } as const)
    : ({ bytes: 'bytea', moment: 'bigint', count: 'bigint', byKey: sql`` } as const)
export type Columns = ReturnType<typeof columnsOf>
