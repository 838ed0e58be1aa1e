import type { Database, WriteStep } from '../../database/database.ts'
import { SealBroken } from '../../kernel/seal.ts'
import type { KeyRing } from './key-ring.ts'
import { createClearValues, type ClearColumn, type ClearRow } from './seal-clear-store.ts'
import { sealedTables } from './sealed-columns.ts'

const AT_ONCE = 200

/** Columns that were not sealed before migration 0031: their texts wait in clear for the first start after it. */
const waiting = [
  { table: 'account', columns: ['name', 'password'] },
  { table: 'api_key', columns: ['name', 'last_used_address'] },
  { table: 'factor', columns: ['name'] },
  { table: 'conversation_access', columns: ['reader_name'] },
] as const

const clearColumns: readonly ClearColumn[] = waiting.flatMap(({ table, columns }) => columns.map((column) => {
  const sealed = sealedTables.find((one) => one.table === table && one.columns.some((name) => name === `${column}_sealed`))
  if (sealed === undefined) throw new Error(`No list of sealed columns has ${table}.${column}_sealed.`)
  return { sealed, from: `${column}_clear`, to: `${column}_sealed` }
}))

/**
 * Seals what an older version kept in clear (SEC-3). Interrupted, it goes on at the next start; of two processes at once each row is
 * sealed by one. Gives how many texts it sealed. One whose owner has no key any more stays, for nothing could open its row.
 */
export async function sealWhatIsClear(database: Database, keyRing: Pick<KeyRing, 'sealerOf'>): Promise<number> {
  const store = createClearValues(database)
  const sealed = async (column: ClearColumn, row: ClearRow): Promise<WriteStep | null> => {
    try {
      return store.seal(column, row, (await keyRing.sealerOf(row.owner)).seal({ table: column.sealed.table, rowId: row.name, column: column.to }, row.value))
    } catch (error) {
      if (error instanceof SealBroken) return null
      throw error
    }
  }
  let count = 0
  for (const column of clearColumns) {
    for (let after: string | undefined = ''; after !== undefined;) {
      const rows = await store.rowsOf(column, { after, limit: AT_ONCE })
      const steps = (await Promise.all(rows.map((row) => sealed(column, row)))).filter((step) => step !== null)
      if (steps.length > 0) await database.write(steps)
      count += steps.length
      after = rows.length < AT_ONCE ? undefined : rows.at(-1)?.name
    }
  }
  return count
}
