import type { Database } from '../../database/database.ts'
import type { Sealer } from '../../kernel/seal.ts'
import { createPenaltyStore } from './store.ts'

/** Seals addresses that were kept in clear before migration 0035. Gives how many. */
export async function sealPenalisedAddresses(database: Database, server: Sealer): Promise<number> {
  const store = createPenaltyStore(database, server)
  const rows = await store.clearAddresses()
  if (rows.length > 0) await database.write(rows.map(store.sealAddress))
  return rows.length
}
