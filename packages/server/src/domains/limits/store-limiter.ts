import type { KeyObject } from 'node:crypto'
import { WriteConflict, type Database } from '../../database/database.ts'
import type { Clock } from '../../kernel/clock.ts'
import { verdictOf, type RateRule, type RateVerdict } from '../../kernel/rates.ts'
import type { RateLimiter } from '../../ports/rate-limiter.ts'
import { createRateSlotStore } from './store.ts'

/** Counts in the store, so that a restart forgets nothing, and for all processes that share it. Throws what the store throws. */
export function createStoreLimiter({ database, clock, subjects }: { readonly database: Database; readonly clock: Clock; readonly subjects: KeyObject }): RateLimiter & { forget(): Promise<void> } {
  const store = createRateSlotStore(database, subjects)
  const standing = async (rules: readonly RateRule[], now: number): Promise<RateVerdict> =>
    verdictOf(rules, await Promise.all(rules.map((rule) => store.living(rule, now))), { now, counts: false })
  return {
    async take(rules) {
      if (rules.length === 0) return { refused: null, standings: [] }
      const now = clock.now()
      try {
        await database.write(store.take(rules, now))
      } catch (error) {
        if (!(error instanceof WriteConflict)) throw error
        const verdict = await standing(rules, now)
        // Others may have made room, or used it up, since: the refusal stands.
        return { ...verdict, refused: verdict.refused ?? verdict.standings[0] ?? null }
      }
      return { ...await standing(rules, now), refused: null }
    },
    look: (rules) => standing(rules, clock.now()),
    /** Removes slots whose windows are over. */
    forget: () => database.write([store.forget(clock.now())]),
    close: () => Promise.resolve(),
  }
}
