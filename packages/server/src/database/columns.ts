import type { Dialect } from './database.ts'

/** The column types that differ between engines. Moments are milliseconds since the epoch. */
export const columnsOf = (dialect: Dialect) =>
  dialect === 'sqlite'
    ? ({ bytes: 'blob', moment: 'integer', count: 'integer' } as const)
    : ({ bytes: 'bytea', moment: 'bigint', count: 'bigint' } as const)
export type Columns = ReturnType<typeof columnsOf>
