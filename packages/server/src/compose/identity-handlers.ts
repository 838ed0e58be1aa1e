import type { Config } from '../config/load.ts'
import type { Database } from '../database/database.ts'
import { breakGlassRoutes } from '../domains/break-glass/index.ts'
import { emergencyRoutes } from '../domains/emergency/index.ts'
import { factorRoutes } from '../domains/factors/index.ts'
import { federationRoutes } from '../domains/federation/index.ts'
import { groupRoutes } from '../domains/groups/index.ts'
import { revocationRoutes } from '../domains/revocations/index.ts'
import { createAdmission, sessionRoutes } from '../domains/sessions/index.ts'
import { tokenRoutes } from '../domains/tokens/index.ts'
import type { createCookies } from '../edge/cookies.ts'
import type { IdentifyDeps } from '../edge/steps/identify-caller.ts'
import type { Clock } from '../kernel/clock.ts'
import type { Domains } from './domains.ts'
import { composeEmergency } from './emergency.ts'

interface IdentityParts { readonly domains: Domains; readonly database: Database; readonly cookies: ReturnType<typeof createCookies>; readonly clock: Clock; readonly config: Config }

/** Everything about who somebody is, and how it ends. */
export function identityHandlers({ domains, database, cookies, clock, config }: IdentityParts) {
  const { accounts, sessions, factors, tokens, signingKeys, signIns, revocations, endings, endSignIns, federation, groups, breakGlass } = domains
  const admission = createAdmission({ sessions, accounts, cookies, clock, secondFactorRequiredFor: config.identity.secondFactorRequiredFor, renewProgram: tokens.prove })
  return {
    ...sessionRoutes({
      accounts, admission, cookies, clock, signIns: signIns.own,
      demandSecondFactor: (accountId) => factors.demand(accountId, 'sign-in'),
      provers: { password: accounts.provePassword, secondFactor: factors.prove },
      endSignIns,
    }),
    ...factorRoutes({ factors, admit: admission.admit, rise: admission.rise, continuation: federation.continuation }),
    ...tokenRoutes(tokens, signingKeys),
    ...emergencyRoutes(composeEmergency({ ...domains, database, clock, config })),
    ...revocationRoutes({ database, clock, revocations, accounts, endings }),
    ...federationRoutes(federation, cookies), ...groupRoutes(groups), ...breakGlassRoutes(breakGlass),
  }
}

/** What the reader of credentials asks. */
export const identifyDeps = ({ sessions, keys, tokens, accounts }: Domains, config: Config): Omit<IdentifyDeps, 'rates' | 'penalties' | 'clock' | 'cookieName'> => ({
  findSession: sessions.find, findKey: keys.find, findAccessToken: tokens.find, secondFactorRequiredFor: config.identity.secondFactorRequiredFor,
  findLocal: async () => {
    const owner = await accounts.firstOwner()
    return owner === null ? null : accounts.standingOf(owner.id)
  },
})
