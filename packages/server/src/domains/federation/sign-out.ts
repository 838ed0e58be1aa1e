import { WriteConflict } from '../../database/database.ts'
import { tokenDigest } from '../../kernel/digest.ts'
import type { Caller } from '../../kernel/handler.ts'
import { describeError } from '../../kernel/log.ts'
import { ProblemError } from '../../kernel/problem.ts'
import { IdentityProviderFailure, type LogoutNotice } from '../../ports/identity-provider.ts'
import { auditStep } from '../audit/index.ts'
import { sidLookup, subjectLookup, type FederationContext } from './context.ts'

/** Who signs out at the provider is signed out here (OpenID Connect Back-Channel Logout 1.0). */
export const createBackChannelLogout = ({ database, providers, identities, revocations, clock, log, lookupKey, endSessionStep, endChallenges }: FederationContext) => {
  const notice = async (name: string, token: string): Promise<LogoutNotice> => {
    try {
      const active = await providers.find(name)
      if (active === null || active.provider.checkLogout === null) throw new ProblemError('not-found')
      return await active.provider.checkLogout(token)
    } catch (error) {
      if (!(error instanceof IdentityProviderFailure)) throw error
      log.warn({ provider: name, ...describeError(error) }, 'logout-token-refused')
      throw error.kind === 'refused' ? invalid() : new ProblemError('identity-provider-error', { cause: error })
    }
  }
  /** The sessions that end, and the accounts whose sign-in waits for a second factor and ends as well. */
  const meant = async ({ issuer, subject, sessionId }: LogoutNotice): Promise<{ readonly sessions: readonly string[]; readonly waiting: readonly string[] }> => {
    if (sessionId !== null) {
      const lookup = sidLookup(lookupKey, issuer, sessionId)
      return { sessions: await identities.sessionsBySid(lookup), waiting: await identities.waiting({ sidLookup: lookup }) }
    }
    const identity = subject === null ? undefined : await identities.byLookup(subjectLookup(lookupKey, issuer, subject))
    return identity === undefined ? { sessions: [], waiting: [] } : { sessions: await identities.sessionsOf(identity.id), waiting: await identities.waiting({ identityId: identity.id }) }
  }
  /** Ends them, each also in other processes. Throws `invalid-request` for a token that is not valid or was used before. */
  return async (caller: Caller, name: string, token: string): Promise<void> => {
    const given = await notice(name, token)
    const { sessions, waiting } = await meant(given)
    const at = clock.now()
    try {
      await database.write([
        auditStep(caller, { at, action: 'back-channel-logout', detail: { provider: name, sessions: sessions.length } }),
        ...identities.useOnce(tokenDigest(JSON.stringify(['logout', given.issuer, given.tokenId])), given.expiresAt, at),
        ...waiting.flatMap((accountId) => endChallenges(accountId)),
        ...sessions.flatMap((sessionId) => [endSessionStep(sessionId), revocations.step({ kind: 'session', sessionId })]),
      ])
    } catch (error) {
      throw error instanceof WriteConflict ? invalid() : error
    }
    for (const sessionId of sessions) revocations.announce({ kind: 'session', sessionId })
  }
}

const invalid = () => new ProblemError('invalid-request', { detail: 'The logout token is not valid.' })
