import type { Clock } from './clock.ts'
import type { RateAnswer } from './rate-window.ts'

const SWEEP_AT = 50_000
/** A sweep makes this much room at least, so that a full table does not sweep at every event. */
const SWEEP_TO = 45_000

/**
 * Counts events per key exactly: never more than `count` in any window of `windowSeconds`, wherever the window begins. For small counts
 * that must hold to the letter, such as guesses of a password: it keeps the moment of each event. Keys that are idle are swept.
 */
export function createExactWindow(clock: Clock, { count, windowSeconds }: { readonly count: number; readonly windowSeconds: number }) {
  const windowMilliseconds = windowSeconds * 1_000
  const moments = new Map<string, readonly number[]>()

  const sweep = (now: number) => {
    for (const [key, kept] of moments) if ((kept.at(-1) ?? 0) <= now - windowMilliseconds) moments.delete(key)
    // Should live keys alone fill the table, those that came first go: forgetting is bounded, memory too.
    for (const key of moments.keys()) { if (moments.size <= SWEEP_TO) break; moments.delete(key) }
  }
  return {
    /** Counts one event, unless it would be over the limit. */
    take(key: string): RateAnswer {
      const now = clock.monotonic()
      if (moments.size >= SWEEP_AT) sweep(now)
      const live = (moments.get(key) ?? []).filter((moment) => moment > now - windowMilliseconds)
      const [oldest] = live
      if (live.length >= count && oldest !== undefined) return { allowed: false, remaining: 0, retryAfterSeconds: Math.ceil((oldest + windowMilliseconds - now) / 1_000) }
      moments.set(key, [...live, now])
      return { allowed: true, remaining: count - live.length - 1, retryAfterSeconds: 0 }
    },
    /** Gives the newest one back, for what turned out not to count. */
    giveBack(key: string): void {
      const kept = moments.get(key)?.slice(0, -1)
      if (kept === undefined) return
      if (kept.length === 0) moments.delete(key)
      else moments.set(key, kept)
    },
  }
}
