import { sql } from 'kysely'
import type { Database, WriteStep } from '../../database/database.ts'
import { SERVER_KEYS } from './key-ring.ts'
import type { SealedTable } from './sealed-columns.ts'

/** A column that held a text in clear, `from`, and the one that holds it sealed, `to`. */
export interface ClearColumn { readonly sealed: SealedTable; readonly from: string; readonly to: string }
export interface ClearRow { readonly name: string; readonly owner: string; readonly value: string }

/** Texts that were not sealed yet, whatever table they are in. */
export const createClearValues = ({ read }: Database) => ({
  /** Rows of one column that still has texts where nothing is sealed, in the order of their names. */
  async rowsOf({ sealed: { table, row, sealedFor }, from, to }: ClearColumn, { after, limit }: { readonly after: string; readonly limit: number }): Promise<readonly ClearRow[]> {
    const owner = sealedFor.by === 'server' ? sql.lit(SERVER_KEYS) : sql.ref(sealedFor.column)
    const { rows } = await sql<ClearRow>`select ${sql.ref(row)} as name, ${owner} as owner, ${sql.ref(from)} as value from ${sql.table(table)}
      where ${sql.ref(from)} is not null and ${sql.ref(to)} is null and ${sql.ref(row)} > ${after} order by ${sql.ref(row)} limit ${limit}`.execute(read)
    return rows
  },
  /** Puts the sealed value in the place of the text that was read. Where somebody else was faster, nothing changes. */
  seal: ({ sealed: { table, row }, from, to }: ClearColumn, { name, value }: ClearRow, sealed: Uint8Array): WriteStep =>
    ({ query: sql`update ${sql.table(table)} set ${sql.ref(to)} = ${sealed}, ${sql.ref(from)} = null where ${sql.ref(row)} = ${name} and ${sql.ref(from)} = ${value} and ${sql.ref(to)} is null`.compile(read) }),
})
