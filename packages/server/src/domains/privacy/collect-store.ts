import { sql, type RawBuilder } from 'kysely'
import type { Database } from '../../database/database.ts'
import { tablesWithin, type ExportedTable } from './exported-tables.ts'
import type { ExportReach } from './tables.ts'

const ROWS = 100
export type Row = Readonly<Record<string, unknown>>
/** Only the rows that belong to one other row. */
export interface Within { readonly column: string; readonly id: string }

function isOwn({ whose }: ExportedTable, accountId: string): RawBuilder<unknown> {
  switch (whose.by) {
    case 'column': return sql`${sql.ref(whose.column)} = ${accountId}`
    case 'collection': return sql`collection_id in (select id from collection where kind = 'mine' and owner = ${accountId})`
    case 'key': return sql`key_id in (select id from api_key where account_id = ${accountId})`
    // What others did to the account names it in the detail.
    case 'actor': return sql`(actor = ${accountId} or detail like ${`%${accountId}%`})`
  }
}
/** The few rows of a table whose key has several columns are read at once. */
const hasOneKey = ({ table }: ExportedTable) => table !== 'api_key_day' && table !== 'account_group_member'

/** Everything that is held on one account, as it is stored. */
export function createCollectStore({ read }: Database) {
  return {
    /** How many rows an export will hold. */
    async count(accountId: string, reach: ExportReach): Promise<number> {
      let sum = 0
      for (const table of tablesWithin(reach)) {
        const { rows } = await sql<{ readonly count: number }>`select count(*) as count from ${sql.table(table.table)} where ${isOwn(table, accountId)}`.execute(read)
        sum += rows[0]?.count ?? 0
      }
      return sum
    },
    /** The rows of a table in the order of their keys, read some at a time. */
    async *rowsOf(table: ExportedTable, accountId: string, within?: Within): AsyncGenerator<Row> {
      const further = within === undefined ? sql`1 = 1` : sql`${sql.ref(within.column)} = ${within.id}`
      for (let after: unknown = null; ;) {
        const { rows }: { rows: Record<string, unknown>[] } = await sql<Record<string, unknown>>`select * from ${sql.table(table.table)} where ${isOwn(table, accountId)} and ${further}
          and ${after === null ? sql`1 = 1` : sql`${sql.ref(table.row)} > ${after}`} order by ${sql.ref(table.row)} ${hasOneKey(table) ? sql`limit ${ROWS}` : sql``}`.execute(read)
        yield* rows
        if (!hasOneKey(table) || rows.length < ROWS) return
        after = rows.at(-1)?.[table.row]
      }
    },
  }
}
