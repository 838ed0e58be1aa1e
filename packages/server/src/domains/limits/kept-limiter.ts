import type { KeyObject } from 'node:crypto'
import type { Database } from '../../database/database.ts'
import type { Clock } from '../../kernel/clock.ts'
import type { RateRule } from '../../kernel/rates.ts'
import type { LocalLimiter, RateLimiter } from '../../ports/rate-limiter.ts'
import { createRateSlotStore } from './store.ts'

interface KeptParts { readonly database: Database; readonly clock: Clock; /** For what names whom a limit counts. */ readonly subjects: KeyObject; /** Counts by the wall's clock, as the store does: its slots outlive the process. */ readonly local: LocalLimiter }

/**
 * For a store with one owner: memory judges, and each event is written on its way, without waiting. The store keeps the order of what it
 * is given, so whatever an event leads to is durable only after the event's own count: nothing that was acknowledged is forgotten.
 */
export function createKeptLimiter({ database, clock, subjects, local }: KeptParts): RateLimiter & { forget(): Promise<void> } {
  const store = createRateSlotStore(database, subjects)
  const loading = new Map<string, Promise<void>>()

  const load = (rule: RateRule): Promise<void> => {
    const id = `${rule.name}\n${rule.windowSeconds}\n${rule.key}`
    const begun = loading.get(id)
    if (begun !== undefined) return begun
    const reading = store.living(rule, clock.now()).then((slots) => { if (!local.knows(rule)) local.seed(rule, slots) }).finally(() => { loading.delete(id) })
    loading.set(id, reading)
    return reading
  }
  const ready = async (rules: readonly RateRule[]): Promise<void> => {
    for (const rule of rules) if (!local.knows(rule)) await load(rule)
  }
  return {
    async take(rules) {
      await ready(rules)
      const verdict = local.take(rules)
      // A store that takes nothing refuses what the event leads to as well, with its own words.
      if (verdict.refused === null) database.write(rules.map((rule) => store.note(rule, clock.now()))).catch(() => undefined)
      return verdict
    },
    async look(rules) {
      await ready(rules)
      return local.look(rules)
    },
    /** Removes slots whose windows are over. */
    forget: () => database.write([store.forget(clock.now())]),
    close: () => Promise.resolve(),
  }
}
