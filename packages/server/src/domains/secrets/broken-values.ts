import type { Database } from '../../database/database.ts'
import { writeUnlessConflict } from '../../database/write-unless-conflict.ts'
import type { Clock } from '../../kernel/clock.ts'
import { openIfWhole, SealBroken, type Place } from '../../kernel/seal.ts'
import { brokenValues } from '../../policy/broken-values.ts'
import { securityEventStep } from '../audit/index.ts'
import { createBrokenStore } from './broken-store.ts'
import type { KeyOwner, KeyRing } from './key-ring.ts'
import { sealedTables, type SealedTable } from './sealed-columns.ts'

interface Met { readonly owner: KeyOwner; readonly place: Place }
export interface BrokenValuesDeps { readonly database: Database; readonly keyRing: Pick<KeyRing, 'sealerOf' | 'whenBroken'>; readonly clock: Clock }

const keyOf = ({ table, rowId, column }: Place) => `${table} ${column} ${rowId}`
/** Null for what is no value of the store, such as a cookie, which anybody can send. */
const tableOf = ({ table, column }: Place): SealedTable | null =>
  sealedTables.find((sealed: SealedTable) => sealed.table === table && sealed.columns.includes(column)) ?? null

/**
 * Tells of sealed values that do not open (SEC-3): an event of high severity for each, once, however often it is read and by however many
 * processes. Each is looked at again first, so that a value that was sealed anew, or removed, while somebody read it is not told of.
 */
export function createBrokenValues({ database, keyRing, clock }: BrokenValuesDeps) {
  const store = createBrokenStore(database)
  const known = new Set<string>()
  const waiting: Met[] = []
  keyRing.whenBroken((owner, place) => {
    const key = keyOf(place)
    // What finds no room is met again at the next read.
    if (known.has(key) || waiting.length >= brokenValues.kept || tableOf(place) === null) return
    if (known.size >= brokenValues.kept) known.clear()
    known.add(key)
    waiting.push({ owner, place })
  })
  const isBroken = async ({ owner, place }: Met): Promise<boolean> => {
    const table = tableOf(place)
    const bytes = table === null ? null : await store.bytesAt(table, place)
    if (bytes === null) return false
    const sealer = await keyRing.sealerOf(owner).catch((error: unknown) => { if (error instanceof SealBroken) return null; throw error })
    // An owner without any key was erased at this moment.
    return sealer !== null && openIfWhole(sealer, place, bytes) === null
  }
  const tellOf = async (met: Met): Promise<void> => {
    const { owner, place: { table, rowId, column } } = met
    if (!await isBroken(met)) {
      known.delete(keyOf(met.place))
      return
    }
    const at = clock.now()
    const accountId = await store.isAccount(owner) ? owner : null
    await writeUnlessConflict(database, [
      store.mark({ table_name: table, row_name: rowId, column_name: column, account_id: accountId, found_at: at }),
      securityEventStep(database, { at, type: 'sealed-value-broken', severity: 'high', accountId, detail: { table, column, row: rowId } }),
    ])
  }
  return {
    /** Tells of those that were met since, some at a time. One that cannot be told now is met again when it is read. */
    async tell(): Promise<void> {
      for (const met of waiting.splice(0, brokenValues.atOnce)) {
        try {
          await tellOf(met)
        } catch (error) {
          known.delete(keyOf(met.place))
          throw error
        }
      }
    },
  }
}
export type BrokenValues = ReturnType<typeof createBrokenValues>
