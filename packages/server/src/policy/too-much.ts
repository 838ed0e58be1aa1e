import { ProblemError } from '../kernel/problem.ts'
import type { Violation } from './penalties.ts'

interface TooMuchRow {
  /** Whether it ends by waiting, so that the answer says for how long, or takes that somebody does something. */
  readonly ends: 'by-waiting' | 'by-doing'
  /** What it costs whoever does not wait as long as they were told; null for caps: one that is full is nobody's fault. */
  readonly violation: Violation | null
}

/** Everything that is answered 429 (LIM-1, LIM-7). */
export const tooMuch = {
  'rate':                    { ends: 'by-waiting', violation: 'limit-reached' },
  // Tries of passwords and codes, beside what each wrong one costs.
  'tries':                   { ends: 'by-waiting', violation: 'limit-reached' },
  'mails':                   { ends: 'by-waiting', violation: 'limit-reached' },
  'key-day':                 { ends: 'by-waiting', violation: 'limit-reached' },
  'answers-at-once':         { ends: 'by-waiting', violation: null },
  'documents-at-once':       { ends: 'by-waiting', violation: null },
  'ephemeral-conversations': { ends: 'by-waiting', violation: null },
  'conversations':           { ends: 'by-doing', violation: null },
  'conversation-messages':   { ends: 'by-doing', violation: null },
  'stored-bytes':            { ends: 'by-doing', violation: null },
  'documents':               { ends: 'by-doing', violation: null },
  'document-bytes':          { ends: 'by-doing', violation: null },
} as const satisfies Record<string, TooMuchRow>
export type TooMuch = keyof typeof tooMuch
type Waits = { [Of in TooMuch]: (typeof tooMuch)[Of]['ends'] extends 'by-waiting' ? Of : never }[TooMuch]

/** The one maker of 429: with the seconds to wait where waiting ends it, and with none where it does not. */
export const refuseTooMuch = <Of extends TooMuch>(of: Of, detail: string, ...[waitSeconds]: Of extends Waits ? readonly [waitSeconds: number] : readonly []): ProblemError =>
  new ProblemError('too-many-requests', { detail, of, ...(waitSeconds !== undefined && { members: { retryAfterSeconds: Math.max(1, Math.ceil(waitSeconds)) } }) })

const isTooMuch = (name: string): name is TooMuch => Object.hasOwn(tooMuch, name)

/** What a 429 costs whoever did not wait. One that has no row costs as a rate does. */
export const violationOfTooMuch = ({ of }: ProblemError): Violation | null => tooMuch[of !== undefined && isTooMuch(of) ? of : 'rate'].violation
