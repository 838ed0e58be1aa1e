import type { Database } from '../../database/database.ts'
import type { Clock } from '../../kernel/clock.ts'
import type { FormerReach } from './former-stores.ts'
import type { createPrivacyStore } from './store.ts'

interface ReachParts {
  readonly formerStores: FormerReach
  readonly database: Pick<Database, 'write' | 'forgetRemoved'>
  readonly store: ReturnType<typeof createPrivacyStore>
  readonly clock: Clock
  readonly pseudonymOf: (accountId: string) => Buffer
  readonly backups: { renewKeys(): Promise<number | null> }
}

/** How an erasure reaches beyond the rows: the engine's own files, the keys beside the backups, the stores that lie aside. Each is tried again until it was reached. */
export function createReach({ database, store, clock, pseudonymOf, backups, formerStores }: ReachParts) {
  const state = { isForgotten: true }
  /** Takes the keys of those who were erased out of the copy beside the backups. Tried again until it has succeeded. */
  const closeBackups = async (): Promise<void> => {
    const open = await store.unclosed()
    if (open.length === 0) return
    // Where nothing was ever backed up there is nothing to close.
    const at = await backups.renewKeys() ?? clock.now()
    await database.write(open.map(({ id }) => store.closeBackups(id, at)))
  }
  /** Takes whoever was erased out of the stores that restores laid aside. Tried again until every one of them was reached. */
  const clearFormerStores = async (): Promise<void> => {
    const open = await store.uncleared()
    if (open.length === 0) return
    const erased = new Set(open.map(({ account_lookup: lookup }) => Buffer.from(lookup).toString('hex')))
    const at = clock.now()
    if (await formerStores.erase((owner) => erased.has(pseudonymOf(owner).toString('hex')))) await database.write(open.map(({ id }) => store.clearFormerStores(id, at)))
  }
  /** Takes destroyed keys out of the engine's own files; `again` does so only where the last try found somebody who read what was there before. */
  const forgetRemoved = async ({ again }: { readonly again: boolean }): Promise<void> => {
    if (!again || !state.isForgotten) state.isForgotten = await database.forgetRemoved()
  }
  return { closeBackups, clearFormerStores, forgetRemoved }
}
