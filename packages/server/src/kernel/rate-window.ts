import type { Clock } from './clock.ts'

/** What a counter says: whether this one is let in, what is left, and when the next would be. */
export interface RateAnswer { readonly allowed: boolean; readonly remaining: number; readonly retryAfterSeconds: number }

const SWEEP_AT = 50_000
/** A sweep makes this much room at least, so that a full table does not sweep at every event. */
const SWEEP_TO = 45_000

/**
 * Counts events per key by the generic cell rate algorithm: a burst of `count`, then `count` per `windowSeconds` evenly spread, so that the
 * first window after a pause may see nearly twice as many. Where `count` must hold in every window, take `exact-window.ts`. One number per key; idle keys are swept when the table grows, so memory stays bounded.
 */
export function createRateWindow(clock: Clock, { count, windowSeconds }: { readonly count: number; readonly windowSeconds: number }) {
  const windowMilliseconds = windowSeconds * 1_000
  const step = windowMilliseconds / count
  /** When the key's allowance is whole again. */
  const fullAt = new Map<string, number>()

  const sweep = (now: number) => {
    for (const [key, at] of fullAt) if (at <= now) fullAt.delete(key)
    // Only keys that are being limited remain. Should they alone fill the table, the oldest go: forgetting is bounded, memory too.
    for (const key of fullAt.keys()) { if (fullAt.size <= SWEEP_TO) break; fullAt.delete(key) }
  }
  const look = (key: string, now: number) => Math.max(fullAt.get(key) ?? 0, now)
  return {
    /** Counts one event, unless it would be over the limit. */
    take(key: string): RateAnswer {
      const now = clock.monotonic()
      if (fullAt.size >= SWEEP_AT) sweep(now)
      const next = look(key, now) + step
      const over = next - now - windowMilliseconds
      if (over > 0.5) return { allowed: false, remaining: 0, retryAfterSeconds: toSeconds(over) }
      fullAt.set(key, next)
      return { allowed: true, remaining: Math.floor((windowMilliseconds - (next - now)) / step + 0.001), retryAfterSeconds: 0 }
    },
    /** Says whether one more would be let in, and counts nothing. */
    peek(key: string): RateAnswer {
      const now = clock.monotonic()
      const over = look(key, now) + step - now - windowMilliseconds
      return { allowed: over <= 0.5, remaining: Math.max(0, Math.floor(-over / step) + 1), retryAfterSeconds: Math.max(0, toSeconds(over)) }
    },
    /** Gives one back, for what turned out not to count. */
    giveBack(key: string): void {
      const at = fullAt.get(key)
      if (at !== undefined) fullAt.set(key, at - step)
    },
  }
}
export type RateWindow = ReturnType<typeof createRateWindow>

/** Whole seconds to wait, never less than needed. Sums of moments carry noise far below a millisecond, which must not cost a second. */
const toSeconds = (milliseconds: number) => Math.ceil(milliseconds / 1_000 - 0.000_5)
