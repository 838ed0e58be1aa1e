import type { Violation } from './penalties.ts'

export interface PatternRow {
  /** Whose doings are looked at together. Of an account: those of each of its keys as well, and where nobody is signed in those of the address. */
  readonly by: 'address' | 'account' | 'key'
  /** What is told apart, and how many different ones of it make the pattern within the window. */
  readonly of: string
  readonly count: number
  readonly windowSeconds: number
  readonly severity: 'medium' | 'high'
  /** What it costs whoever answers for it; null where that would hit the one who is attacked, or who may have a reason. */
  readonly violation: Violation | null
}

const MINUTES = 60

/** What shows only across requests (LIM-5). Each is counted in so many bytes, however many requests there are. */
export const patterns = {
  // Many accounts from one address: a list of stolen passwords is tried.
  'credential-stuffing': { by: 'address', of: 'accounts whose password was wrong', count: 10, windowSeconds: 10 * MINUTES, severity: 'high', violation: 'credential-stuffing' },
  // One account from many addresses: a limit of addresses is gone around. Its owner is told by the lock of the account.
  'distributed-guessing': { by: 'account', of: 'addresses that gave a wrong password', count: 10, windowSeconds: 60 * MINUTES, severity: 'high', violation: null },
  'enumeration': { by: 'account', of: 'things that are not there', count: 50, windowSeconds: 10 * MINUTES, severity: 'medium', violation: 'enumeration' },
  'scraping': { by: 'account', of: 'things that were read', count: 400, windowSeconds: 10 * MINUTES, severity: 'medium', violation: 'scraping' },
  // One key from many networks: it was passed on, or stolen. Programs in a cloud may have a reason.
  'key-sharing': { by: 'key', of: 'networks', count: 8, windowSeconds: 60 * MINUTES, severity: 'high', violation: null },
  'prompt-probing': { by: 'account', of: 'questions that the guard refused', count: 10, windowSeconds: 30 * MINUTES, severity: 'high', violation: 'prompt-probing' },
} as const satisfies Record<string, PatternRow>
export type PatternName = keyof typeof patterns

/** Whose doings of one pattern are remembered at once. Who has done nothing for longest is forgotten first. */
export const patternSubjects = 2_000
