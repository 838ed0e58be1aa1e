import type { Database } from '../../database/database.ts'
import type { FormerStore, FormerStores, OpenFormer } from '../../database/former.ts'
import type { Clock } from '../../kernel/clock.ts'
import { auditServerStep } from '../audit/index.ts'
import { eraseRecorded, keyOwners } from '../backups/index.ts'

const DAY_MILLISECONDS = 86_400_000

/** What an erasure and its proof need of the stores that restores laid aside. */
export interface FormerReach {
  list(): Promise<readonly FormerStore[]>
  /** Takes accounts out of all of them. False where one could not be opened. */
  erase(isErased: (owner: string) => boolean): Promise<boolean>
  /** The names of those that still have a key of such an account, and of those that could not be opened. */
  look(isErased: (owner: string) => boolean): Promise<{ readonly found: readonly string[]; readonly closed: readonly string[] }>
}

/** Reaches into the stores that restores laid aside: an erasure would be none while one of them still opened (PRI-4). */
export function createFormerReach(stores: FormerStores): FormerReach {
  const within = async (work: (store: OpenFormer, name: string) => Promise<void>): Promise<readonly string[]> => {
    const closed: string[] = []
    for (const { name } of await stores.list()) {
      const store = await stores.open(name)
      if (store === null) { closed.push(name); continue }
      try {
        await work(store, name)
      } finally {
        await store.close()
      }
    }
    return closed
  }
  return {
    list: () => stores.list(),
    async erase(isErased) {
      const closed = await within(async ({ read }) => {
        const steps = await eraseRecorded({ read }, isErased)
        await read.transaction().execute(async (transaction) => { for (const { query } of steps) await transaction.executeQuery(query) })
      })
      return closed.length === 0
    },
    async look(isErased) {
      const found: string[] = []
      const closed = await within(async (store, name) => { if ((await keyOwners(store)).some(isErased)) found.push(name) })
      return { found, closed }
    },
  }
}

/** When the server removes a store that was laid aside. */
export const formerEndsAt = (laidAsideAt: number, days: number): number => laidAsideAt + days * DAY_MILLISECONDS

interface ExpiryDeps { readonly stores: FormerStores; readonly database: Pick<Database, 'write'>; readonly clock: Clock; readonly days: number }

/** Gives what removes former stores that lay aside for long enough, with an entry in the audit log for each. */
export const createFormerExpiry = ({ stores, database, clock, days }: ExpiryDeps) => async (): Promise<number> => {
  const at = clock.now()
  let removed = 0
  for (const { name, laidAsideAt } of await stores.list()) {
    if (formerEndsAt(laidAsideAt, days) > at) continue
    const outcome = await stores.remove(name)
    if (outcome === null) continue
    await database.write([auditServerStep({ at, action: 'former-store-removed', detail: { name, outcome } })])
    removed += 1
  }
  return removed
}
