import type { Clock } from '../../kernel/clock.ts'
import type { ProblemError } from '../../kernel/problem.ts'

export interface AccountPlacesRules {
  /** What one account may have under way at once. */
  readonly most: number
  readonly clock: Pick<Clock, 'monotonic'>
  /** What one is told who has as much under way, the oldest of it for so many seconds. */
  readonly refuse: (oldestSeconds: number) => ProblemError
}

/** Places by account for work in this process. Taking one does not wait, so of two at once neither slips by; the place is free once it is disposed of. */
export function createAccountPlaces({ most, clock, refuse }: AccountPlacesRules) {
  /** When the work of an account that is under way began, the oldest first. */
  const running = new Map<string, number[]>()
  return {
    /** Throws what `refuse` makes. */
    enter(accountId: string): Disposable {
      const began = clock.monotonic()
      const beside = running.get(accountId) ?? []
      if (beside.length >= most) throw refuse((began - (beside[0] ?? began)) / 1_000)
      beside.push(began)
      running.set(accountId, beside)
      let isFreed = false
      return {
        [Symbol.dispose]() {
          if (isFreed) return
          isFreed = true
          beside.splice(beside.indexOf(began), 1)
          if (beside.length === 0) running.delete(accountId)
        },
      }
    },
  }
}
export type AccountPlaces = ReturnType<typeof createAccountPlaces>
