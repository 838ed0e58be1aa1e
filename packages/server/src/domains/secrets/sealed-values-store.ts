import { sql, type RawBuilder } from 'kysely'
import type { Database, WriteStep } from '../../database/database.ts'
import { SERVER_KEYS } from './key-ring.ts'
import { sealedTables, type SealedTable } from './sealed-columns.ts'

/** The part of a sealed value that names its version: behind the byte of the format. */
const VERSION_AT = 2
const VERSION_BYTES = 4
export interface SealedRow { readonly row: string; readonly values: readonly (Uint8Array | null)[] }
/** The tables that hold values of an owner, in the order in which they are sealed anew. */
export const tablesOf = (owner: string): readonly SealedTable[] => sealedTables.filter(({ sealedFor }) => (owner === SERVER_KEYS) === (sealedFor.by === 'server'))

/** Which rows of a table are sealed for an owner. */
function ownedBy({ sealedFor }: SealedTable, owner: string): RawBuilder<unknown> {
  switch (sealedFor.by) {
    case 'server': return sql`1 = 1`
    case 'account': return sql`${sql.ref(sealedFor.column)} = ${owner}`
    case 'collection': return sql`${sql.ref(sealedFor.column)} in (select id from collection where (kind = 'mine' and owner = ${owner}) or (kind <> 'mine' and id = ${owner}))`
  }
}

/** Whether a sealed value needs this version, or another one. False for null. */
function isUnder(column: string, version: number, comparison: RawBuilder<unknown>): RawBuilder<unknown> {
  const bytes = Buffer.alloc(VERSION_BYTES)
  bytes.writeUInt32BE(version)
  return sql`substr(${sql.ref(column)}, ${sql.lit(VERSION_AT)}, ${sql.lit(VERSION_BYTES)}) ${comparison} ${bytes}`
}

/** Sealed values by their owner, whatever table they are in. */
export function createSealedValues({ read }: Database) {
  return {
    /** Rows of one table with values that are sealed for an owner under another version, in the order of their names. */
    async rowsOf(sealed: SealedTable, owner: string, { version, after, limit }: { readonly version: number; readonly after: string; readonly limit: number }): Promise<readonly SealedRow[]> {
      const { rows } = await sql<Record<string, unknown>>`select ${sql.ref(sealed.row)} as row_name, ${sql.join(sealed.columns.map((column) => sql.ref(column)))}
        from ${sql.table(sealed.table)} where ${ownedBy(sealed, owner)} and ${sql.ref(sealed.row)} > ${after} and (${sql.join(sealed.columns.map((column) => isUnder(column, version, sql`<>`)), sql` or `)}) order by ${sql.ref(sealed.row)} limit ${limit}`.execute(read)
      return rows.map((row) => ({ row: String(row['row_name']), values: sealed.columns.map((column) => { const value = row[column]; return value instanceof Uint8Array ? value : null }) }))
    },
    /** Puts a value in the place of the one that was read. Where it was changed meanwhile, that one stays. */
    reseal: ({ table, row }: SealedTable, { name, column }: { readonly name: string; readonly column: string }, { from, to }: { readonly from: Uint8Array; readonly to: Uint8Array }): WriteStep =>
      ({ query: sql`update ${sql.table(table)} set ${sql.ref(column)} = ${to} where ${sql.ref(row)} = ${name} and ${sql.ref(column)} = ${from}`.compile(read) }),
    /** How many values of an owner are sealed under other versions than this one, or, with `only`, under this one. */
    async countSealed(owner: string, version: number, only: boolean): Promise<number> {
      let count = 0
      for (const sealed of tablesOf(owner)) {
        for (const column of sealed.columns) {
          const { rows } = await sql<{ readonly count: number }>`select count(*) as count from ${sql.table(sealed.table)}
            where ${ownedBy(sealed, owner)} and ${isUnder(column, version, only ? sql`=` : sql`<>`)}`.execute(read)
          count += rows[0]?.count ?? 0
        }
      }
      return count
    },
  }
}
export type SealedValues = ReturnType<typeof createSealedValues>
