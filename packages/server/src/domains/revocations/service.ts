import type { Database, WriteStep } from '../../database/database.ts'
import type { Clock } from '../../kernel/clock.ts'
import { createRevocations, type Revocations, type Revoked } from '../../kernel/revocations.ts'
import { revocationPoll } from '../../policy/limits.ts'
import { createRevocationStore, toRevoked } from './store.ts'

/** A number is given before its row is seen: a batch that began earlier may commit later. No batch takes this long. */
const LATE_MILLISECONDS = 60_000

export interface SharedRevocations extends Revocations {
  /** The row that other processes read. It goes into the batch that revokes; `announce` follows when the batch is written. */
  step(revoked: Revoked): WriteStep
  /** Writes a batch that revokes something, with its row, and tells this process. What is remembered here is forgotten before it resolves. */
  revoke(revoked: Revoked, steps: readonly WriteStep[]): Promise<void>
  /** Whether what is remembered may be used: false while this process cannot hear what others revoke. */
  isHearing(): boolean
  /** Begins to listen to other processes. Needed where several share a store. Throws where the store cannot be read. */
  listen(): Promise<void>
  close(): void
}

export interface RevocationDeps { readonly database: Database; readonly clock: Clock; readonly onFailure: (error: unknown) => void }

/**
 * Revocation over all processes of a store (IDN-6): a row is written with what revokes, and every other process reads such rows four times a
 * second. A process that cannot read them trusts nothing that it remembers until it can: it then asks the store, or fails closed with it.
 */
export function createSharedRevocations({ database, clock, onFailure }: RevocationDeps): SharedRevocations {
  const store = createRevocationStore(database)
  const local = createRevocations()
  const state: { timer: ReturnType<typeof setTimeout> | null; heardAt: number | null; isClosed: boolean; isFailing: boolean; prunedAt: number } = { timer: null, heardAt: null, isClosed: false, isFailing: false, prunedAt: 0 }
  /** Numbers that were seen, with when: behind the oldest that is kept no row can appear any more. */
  const seen = new Map<number, number>()
  let floor = 0

  const look = async () => {
    const begun = clock.monotonic()
    for (const row of await store.after(floor)) {
      if (seen.has(row.number)) continue
      seen.set(row.number, begun)
      local.announce(toRevoked(row))
    }
    for (const [number, at] of seen) if (begun - at > LATE_MILLISECONDS) { floor = Math.max(floor, number); seen.delete(number) }
    state.heardAt = begun
    state.isFailing = false
  }
  const lookAgain = () => {
    if (state.isClosed) return
    state.timer = setTimeout(() => {
      look().catch((error: unknown) => {
        if (!state.isFailing) onFailure(error)
        state.isFailing = true
      }).finally(lookAgain)
    }, revocationPoll.milliseconds)
    state.timer.unref()
  }
  const prune = (): readonly WriteStep[] => {
    const now = clock.now()
    if (now - state.prunedAt < LATE_MILLISECONDS) return []
    state.prunedAt = now
    return [store.removeBefore(now - revocationPoll.keptSeconds * 1_000)]
  }
  const isShared = database.dialect === 'postgres'
  const step = (revoked: Revoked) => store.insert(revoked, clock.now())
  return {
    ...local,
    step,
    async revoke(revoked, steps) {
      await database.write([...steps, step(revoked), ...prune()])
      local.announce(revoked)
    },
    isHearing: () => !isShared || (state.heardAt !== null && clock.monotonic() - state.heardAt <= revocationPoll.trustMilliseconds),
    async listen() {
      if (!isShared) return
      floor = Math.max(0, await store.newest())
      state.heardAt = clock.monotonic()
      lookAgain()
    },
    close() {
      state.isClosed = true
      if (state.timer !== null) clearTimeout(state.timer)
    },
  }
}
