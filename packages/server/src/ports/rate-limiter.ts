import type { RateRule, RateVerdict, Slots } from '../kernel/rates.ts'

/** Counts events against limits. Whoever comes at the same moment, from whichever process that shares it, never gets more than a limit has. */
export interface RateLimiter {
  /** Counts one event against all of the rules, or against none when one of them has no room. Rejects when what it counts in cannot be reached. */
  take(rules: readonly RateRule[]): RateVerdict | Promise<RateVerdict>
  /** Says how the keys stand, and counts nothing. */
  look(rules: readonly RateRule[]): RateVerdict | Promise<RateVerdict>
  /** Lets go of connections. */
  close(): Promise<void>
}

/** One that counts in this process and answers at once. */
export interface LocalLimiter extends RateLimiter {
  take(rules: readonly RateRule[]): RateVerdict
  look(rules: readonly RateRule[]): RateVerdict
  /** Counts what somebody else let in. */
  note(rules: readonly RateRule[]): void
  /** Whether it counts for the key of a rule already. */
  knows(rule: RateRule): boolean
  /** Takes over what was counted before, by slots of its clock. */
  seed(rule: RateRule, slots: Slots): void
}
