import type { ProblemError } from '../../kernel/problem.ts'

export interface FairQueueRules {
  /** Work under way at once. */
  readonly places: number
  /** The share of the places that one account may have. */
  readonly accountShare: number
  /** Who may wait, and for how long. */
  readonly waiting: number
  readonly waitSeconds: number
  /** What those are told for whom there is no room, or who waited for too long. */
  readonly refuse: () => ProblemError
}

interface Waiter { readonly accountId: string; readonly admit: () => void }

/**
 * Places for work, given fairly by account: a place that becomes free goes to the account that has the fewest, and among these to whoever
 * waits longest. One that comes with hundreds at once waits behind itself, and nobody else does.
 */
export function createFairQueue({ places, accountShare, waiting: mostWaiting, waitSeconds, refuse }: FairQueueRules) {
  const perAccount = Math.max(1, Math.floor(places * accountShare))
  const running = new Map<string, number>()
  /** In the order in which they came. */
  const waiting = new Set<Waiter>()
  let taken = 0

  const of = (accountId: string) => running.get(accountId) ?? 0
  const hasRoom = (accountId: string) => taken < places && of(accountId) < perAccount
  const take = (accountId: string) => { taken += 1; running.set(accountId, of(accountId) + 1) }
  const next = (): Waiter | null => {
    let found: Waiter | null = null
    for (const waiter of waiting) if (hasRoom(waiter.accountId) && (found === null || of(waiter.accountId) < of(found.accountId))) found = waiter
    return found
  }
  const place = (accountId: string): Disposable => {
    let isFreed = false
    return {
      [Symbol.dispose]() {
        if (isFreed) return
        isFreed = true
        taken -= 1
        const left = of(accountId) - 1
        if (left === 0) running.delete(accountId)
        else running.set(accountId, left)
        next()?.admit()
      },
    }
  }
  return {
    /** A place, at once or after a wait. Throws what `refuse` makes where too many wait or the wait is over, and the signal's reason. */
    async enter(accountId: string, signal: AbortSignal): Promise<Disposable> {
      signal.throwIfAborted()
      if (hasRoom(accountId)) {
        take(accountId)
        return place(accountId)
      }
      if (waiting.size >= mostWaiting) throw refuse()
      const { promise, resolve, reject } = Promise.withResolvers<Disposable>()
      const leave = (): void => { waiting.delete(waiter); clearTimeout(timer); signal.removeEventListener('abort', abandon) }
      const waiter: Waiter = { accountId, admit: () => { leave(); take(accountId); resolve(place(accountId)) } }
      const abandon = (): void => { leave(); reject(signal.reason) }
      const timer = setTimeout(() => { leave(); reject(refuse()) }, waitSeconds * 1_000)
      signal.addEventListener('abort', abandon, { once: true })
      waiting.add(waiter)
      return promise
    },
    /** How full the queue is: 1 where nobody more may wait. */
    waitingShare: (): number => (mostWaiting === 0 ? 0 : waiting.size / mostWaiting),
  }
}
export type FairQueue = ReturnType<typeof createFairQueue>
