import type { ProblemError } from '../../kernel/problem.ts'

export interface FairQueueRules {
  /** Work under way at once. */
  readonly places: number
  /** The share of the places that one account may have. */
  readonly accountShare: number
  /** The share that one provider may have of the places that others leave, and of the places to wait. */
  readonly providerShare: number
  /** Who may wait, and for how long. */
  readonly waiting: number
  readonly waitSeconds: number
  /** What those are told for whom there is no room, or who waited for too long. */
  readonly refuse: () => ProblemError
}

/** For whom a place is, and on whom its work depends. */
export interface Place { readonly accountId: string; readonly provider: string }
interface Waiter { readonly of: Place; readonly admit: () => void }

/**
 * Places for work, given fairly by account: a place that becomes free goes to the account that has the fewest, and among these to whoever
 * waits longest. One that comes with hundreds at once waits behind itself, and nobody else does. Nor do those wait who ask a provider that answers
 * for those who ask one that hangs.
 */
export function createFairQueue({ places, accountShare, providerShare, waiting: mostWaiting, waitSeconds, refuse }: FairQueueRules) {
  const perAccount = Math.max(1, Math.floor(places * accountShare))
  const running = createTally()
  const byProvider = createTally()
  const waitingFor = createTally()
  /** In the order in which they came. */
  const waiting = new Set<Waiter>()
  let taken = 0

  const leftByOthers = (provider: string) => places - (taken - byProvider.of(provider))
  const hasRoom = ({ accountId, provider }: Place) =>
    taken < places && running.of(accountId) < perAccount && byProvider.of(provider) < Math.max(1, Math.floor(leftByOthers(provider) * providerShare))
  const mayWait = (provider: string) => waiting.size < mostWaiting && waitingFor.of(provider) < Math.max(1, Math.floor(mostWaiting * providerShare))
  const next = (): Waiter | null => {
    let found: Waiter | null = null
    for (const waiter of waiting) if (hasRoom(waiter.of) && (found === null || running.of(waiter.of.accountId) < running.of(found.of.accountId))) found = waiter
    return found
  }
  const take = ({ accountId, provider }: Place): Disposable => {
    taken += 1
    running.add(accountId, 1)
    byProvider.add(provider, 1)
    let isFreed = false
    return {
      [Symbol.dispose]() {
        if (isFreed) return
        isFreed = true
        taken -= 1
        running.add(accountId, -1)
        byProvider.add(provider, -1)
        for (let waiter = next(); waiter !== null; waiter = next()) waiter.admit()
      },
    }
  }
  return {
    /** A place, at once or after a wait. Throws what `refuse` makes where too many wait or the wait is over, and the signal's reason. */
    async enter(of: Place, signal: AbortSignal): Promise<Disposable> {
      signal.throwIfAborted()
      if (hasRoom(of)) return take(of)
      if (!mayWait(of.provider)) throw refuse()
      const { promise, resolve, reject } = Promise.withResolvers<Disposable>()
      const leave = (): void => { waiting.delete(waiter); waitingFor.add(of.provider, -1); clearTimeout(timer); signal.removeEventListener('abort', abandon) }
      const waiter: Waiter = { of, admit: () => { leave(); resolve(take(of)) } }
      const abandon = (): void => { leave(); reject(signal.reason) }
      const timer = setTimeout(() => { leave(); reject(refuse()) }, waitSeconds * 1_000)
      signal.addEventListener('abort', abandon, { once: true })
      waiting.add(waiter)
      waitingFor.add(of.provider, 1)
      return promise
    },
    /** How full the queue is: 1 where nobody more may wait. */
    waitingShare: (): number => (mostWaiting === 0 ? 0 : waiting.size / mostWaiting),
  }
}
/** How many there are of each name; a name of which there are none takes no room. */
function createTally() {
  const counts = new Map<string, number>()
  const of = (name: string) => counts.get(name) ?? 0
  return {
    of,
    add(name: string, change: 1 | -1): void {
      const count = of(name) + change
      if (count === 0) counts.delete(name)
      else counts.set(name, count)
    },
  }
}

export type FairQueue = ReturnType<typeof createFairQueue>
