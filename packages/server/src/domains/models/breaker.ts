import type { Clock } from '../../kernel/clock.ts'

export interface BreakerRules { /** Failures without a success in between that open it. */ readonly failures: number; /** How long it stays open before one call tries again. */ readonly seconds: number }
export type BreakerState = 'closed' | 'open' | 'half-open'

/** The leave to make one call. Exactly one of its ends is told; what is told twice counts once. */
export interface Permit { /** The first of an answer is there: that is enough for a trial, and for no other call. */ begun(): void; succeeded(): void; failed(): void; /** It came to no end that says anything, such as when its reader stopped it. */ leftOpen(): void }

/**
 * Closed, it lets calls through and counts failures in a row. Open, it lets none through. When its time is over one call tries: when
 * that succeeds it closes, when it fails it opens anew.
 */
export function createBreaker({ failures: most, seconds }: BreakerRules, clock: Clock) {
  let failures = 0
  let openUntil: number | null = null
  let isTrying = false

  const open = () => { openUntil = clock.monotonic() + seconds * 1_000 }
  const permit = (isTrial: boolean): Permit => {
    let isTold = false
    const once = (tell: () => void) => () => {
      if (isTold) return
      isTold = true
      if (isTrial) isTrying = false
      tell()
    }
    // What began before it opened says nothing about now.
    const succeeded = once(() => { if (isTrial || openUntil === null) { failures = 0; openUntil = null } })
    return {
      begun: () => { if (isTrial) succeeded() },
      succeeded,
      failed: once(() => {
        failures += 1
        if (isTrial || (openUntil === null && failures >= most)) open()
      }),
      leftOpen: once(() => { /* The next call tries. */ }),
    }
  }
  return {
    /** Null where no call may be made now. */
    enter(): Permit | null {
      if (openUntil === null) return permit(false)
      if (isTrying || clock.monotonic() < openUntil) return null
      isTrying = true
      return permit(true)
    },
    state: (): BreakerState => (openUntil === null ? 'closed' : clock.monotonic() < openUntil ? 'open' : 'half-open'),
    failures: () => failures,
    /** Seconds until a call may try; 0 where one may now. */
    retryAfterSeconds: () => (openUntil === null ? 0 : Math.max(1, Math.ceil((openUntil - clock.monotonic()) / 1_000))),
  }
}
