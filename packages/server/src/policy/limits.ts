import type { BudgetClass } from './operations.ts'

/** A number that an administrator may tune within its range, and never switch off. */
export interface Tunable { readonly default: number; readonly min: number; readonly max: number }
export interface RateRow {
  /** Whose requests are counted together. */
  readonly by: 'address' | 'account'
  readonly count: Tunable
  readonly windowSeconds: number
}

/** One rate for each class of operation (LIM-1). `none` alone has no row: health checks. A turn's rate is taken in the turn, on every entrance. */
export const rates = {
  static:    { by: 'address', count: { default: 600, min: 60, max: 100_000 }, windowSeconds: 60 },
  'sign-in': { by: 'address', count: { default: 5, min: 1, max: 100 }, windowSeconds: 60 },
  read:      { by: 'account', count: { default: 240, min: 10, max: 100_000 }, windowSeconds: 60 },
  write:     { by: 'account', count: { default: 120, min: 10, max: 100_000 }, windowSeconds: 60 },
  turn:      { by: 'account', count: { default: 20, min: 1, max: 1_000_000 }, windowSeconds: 60 },
  feedback:  { by: 'account', count: { default: 10, min: 1, max: 1_000 }, windowSeconds: 60 },
  clear:     { by: 'account', count: { default: 5, min: 1, max: 1_000 }, windowSeconds: 60 },
} as const satisfies Record<Exclude<BudgetClass, 'none'>, RateRow>

/** Every address, before anybody is identified: guessing keys must cost. */
export const addressRate = { by: 'address', count: { default: 1_200, min: 60, max: 10_000_000 }, windowSeconds: 60 } as const satisfies RateRow
/** Wrong credentials from one address. */
export const refusalRate = { by: 'address', count: { default: 60, min: 5, max: 10_000 }, windowSeconds: 60 } as const satisfies RateRow

/** Answers that one account may have in flight. */
export const concurrentTurns = { default: 8, min: 1, max: 1_000 } as const satisfies Tunable
/** Characters of one question in a conversation; the gateway is bounded by its body and by tokens. */
export const questionCharacters = { default: 4_000, min: 100, max: 100_000 } as const satisfies Tunable
/** Messages of a conversation that go to a model again, and messages that it may hold (LIM-7). */
export const historyMessages = { default: 100, min: 2, max: 1_000 } as const satisfies Tunable
export const conversationMessages = { default: 1_000, min: 10, max: 100_000 } as const satisfies Tunable
/** Tokens of one answer unless the caller asks for fewer (LIM-7). */
export const answerTokens = { default: 1_000, min: 16, max: 200_000 } as const satisfies Tunable
/** Characters that one answer may have in all, whatever the provider sends (PRV-7). */
export const answerCharacters = 1_000_000

/** From this length on, a text in which one character makes up more than the share is refused (VAL-2). */
export const repetition = { fromCharacters: 20, share: 0.8 } as const

export const sessionLife = { seconds: 12 * 60 * 60 } as const
/** Wrong passwords for one account in an hour, from anywhere (S9). */
export const passwordGuesses = { count: 10, windowSeconds: 3_600 } as const
