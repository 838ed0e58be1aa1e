import type { Clock } from '../../kernel/clock.ts'
import type { Caller } from '../../kernel/handler.ts'
import { ProblemError } from '../../kernel/problem.ts'
import { freshProof } from '../../policy/limits.ts'
import { operationPolicy } from '../../policy/operations.ts'
import { mayCall } from '../../policy/restrictions.ts'
import type { Visit } from '../visit.ts'

const owed = { 'second-factor-enrolment': 'second-factor-enrolment-needed', 'password-change': 'password-change-needed' } as const

/** May this caller do this: the policy row decides, and nothing else does. */
export const checkAccess = (clock: Clock) => ({ operationId, caller }: Visit): void => {
  if (operationId === null) return
  const { access, carriers, freshness, pending } = operationPolicy[operationId]
  if (access === 'anyone') return
  if (caller.scope === null) throw new ProblemError('not-signed-in', { detail: 'Sign in, or send an API key.' })
  if (carriers === 'person' && !isPerson(caller)) throw new ProblemError('not-allowed', { detail: 'An API key cannot do this. Sign in and do it there.' })
  if (!mayCall(caller.restriction, operationId)) {
    throw new ProblemError('not-allowed', { detail: 'This API key is limited to other operations. Use another key, or change its scopes.' })
  }
  if (pending === 'blocked' && caller.pending !== null) throw new ProblemError(owed[caller.pending])
  if (access !== 'signed-in' && !caller.permissions.has(access.permission)) {
    throw new ProblemError('not-allowed', { detail: 'Ask an administrator for the right to do this.' })
  }
  if (freshness === 'fresh' && !isFresh(caller, clock.now())) throw new ProblemError('fresh-sign-in-needed')
}

/** A person proved it: by a session, or by a token that came of a sign-in and not of a key. */
const isPerson = ({ credential, sessionId }: Caller) => credential.kind === 'session' || credential.kind === 'local' || (credential.kind === 'access-token' && sessionId !== null)

/** Proved within the time that policy gives; by the second factor too, where there is one. */
function isFresh({ authenticatedAt, secondFactorAt, hasSecondFactor, credential }: Caller, now: number): boolean {
  const since = now - freshProof.seconds * 1_000
  return authenticatedAt >= since && (!hasSecondFactor || credential.kind === 'local' || (secondFactorAt ?? 0) >= since)
}
