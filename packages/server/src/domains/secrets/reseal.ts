import type { WriteStep } from '../../database/database.ts'
import { SealBroken, sealedVersion, type Sealer } from '../../kernel/seal.ts'
import type { SealedRow, SealedValues } from './sealed-values-store.ts'
import type { SealedTable } from './sealed-columns.ts'

export interface Resealed { readonly steps: readonly WriteStep[]; readonly values: number; readonly broken: number }

/** Seals the values of some rows anew that are under another version than `version`. A value that does not open stays as it is, and is counted. */
export function resealRows(store: Pick<SealedValues, 'reseal'>, sealed: SealedTable, { sealer, rows, version }: { readonly sealer: Sealer; readonly rows: readonly SealedRow[]; readonly version: number }): Resealed {
  const steps: WriteStep[] = []
  let broken = 0
  for (const { row, values } of rows) {
    for (const [index, from] of values.entries()) {
      const column = sealed.columns[index]
      if (from === null || column === undefined || sealedVersion(from) === version) continue
      const place = { table: sealed.table, rowId: row, column }
      try {
        steps.push(store.reseal(sealed, { name: row, column }, { from, to: sealer.seal(place, sealer.open(place, from)) }))
      } catch (error) {
        if (!(error instanceof SealBroken)) throw error
        broken += 1
      }
    }
  }
  return { steps, values: steps.length, broken }
}
