import { toMoment, type Clock } from '../../kernel/clock.ts'
import { ProblemError } from '../../kernel/problem.ts'
import type { HeldAgainst, Penalties } from '../../domains/penalties/index.ts'
import { operationPolicy } from '../../policy/operations.ts'
import { bannedWith } from '../../policy/penalties.ts'
import type { Visit } from '../visit.ts'

export interface PenaltyDeps { readonly penalties: Pick<Penalties, 'banOf' | 'note'>; readonly clock: Clock }

const whoseNames = { address: 'This address', account: 'This account', key: 'This API key' } as const

/** What somebody who is banned is told: who, why, until when, and what an operator needs to lift it. */
export function banned({ kind, why, until, banId }: HeldAgainst, now: number): ProblemError {
  const retryAfterSeconds = Math.max(1, Math.ceil((until - now) / 1_000))
  const moment = toMoment(until)
  return new ProblemError('banned', {
    detail: `${whoseNames[kind]} is kept out until ${moment.slice(0, 10)} ${moment.slice(11, 16)} UTC: ${why}. Wait until then, or give an operator the id ${banId}, who can lift it at once.`,
    members: { retryAfterSeconds, until: moment, ban: banId },
  })
}

/** Keeps out who is banned (LIM-3). Files of the page still come, so that it can say why, and so do health checks; the administration socket is never kept out. */
export const refuseBanned = ({ penalties, clock }: PenaltyDeps) => ({ isLocal, operationId, caller }: Visit): void => {
  if (isLocal || operationId === null || operationPolicy[operationId].budget === 'none' || operationPolicy[operationId].budget === 'static') return
  const found = penalties.banOf(bannedWith(caller))
  if (found !== null) throw banned(found, clock.now())
}
