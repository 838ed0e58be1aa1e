import { toMoment } from '../../kernel/clock.ts'
import { ProblemError } from '../../kernel/problem.ts'
import type { PenaltyKind } from '../../policy/penalties.ts'

const whoseNames = { address: 'This address', account: 'This account', key: 'This API key' } as const

interface Ban { readonly kind: PenaltyKind; readonly why: string; readonly until: number; readonly banId: string }

/** What somebody who is banned is told: who, why, until when, and what an operator needs to lift it. Whoever waits until then is let in: times are rounded up. */
export function banned({ kind, why, until, banId }: Ban, now: number): ProblemError {
  const retryAfterSeconds = Math.max(1, Math.ceil((until - now) / 1_000))
  const second = toMoment(Math.ceil(until / 1_000) * 1_000)
  return new ProblemError('banned', {
    detail: `${whoseNames[kind]} is kept out until ${second.slice(0, 10)} ${second.slice(11, 19)} UTC: ${why}. Wait until then, or give an operator the id ${banId}, who can lift it at once.`,
    members: { retryAfterSeconds, until: toMoment(until), ban: banId },
  })
}
