import { operationPolicy } from '../../policy/operations.ts'
import { tooMany, type AddressUse, type RateRules } from '../../policy/rate-rules.ts'
import type { RateLimiter } from '../../ports/rate-limiter.ts'
import type { KnownCredentials } from '../known-credentials.ts'
import { addRateHeaders } from '../rate-headers.ts'
import type { Visit } from '../visit.ts'

export interface RateDeps { readonly limiter: Pick<RateLimiter, 'take'>; readonly rules: RateRules }

const take = async (visit: Visit, use: AddressUse, { limiter, rules }: RateDeps): Promise<void> => {
  const { refused } = await limiter.take([rules.ofAddressAs(use, visit.address)])
  if (refused === null) return
  addRateHeaders(visit.headers, [refused])
  throw tooMany(refused)
}

const isExempt = ({ isLocal, operationId }: Visit) => isLocal || (operationId !== null && operationPolicy[operationId].budget === 'none')

/**
 * The rate of an address, before anybody is identified. Calls without a credential, and calls whose credential nobody has seen hold, are
 * counted apart from each other and from those of people and programs that are known: whoever floods from an address that others share keeps
 * out himself. Health checks are exempt.
 */
export const limitAddress = (deps: RateDeps, credentials: KnownCredentials) => (visit: Visit): void | Promise<void> => {
  if (isExempt(visit)) return
  const use = credentials.read(visit)
  if (use !== 'known') return take(visit, use, deps)
}

/** What came of the credential: who brought one that no longer opens anything is nobody, and counts as such. Those signed in are counted with their operation. */
export const limitUnproved = (deps: RateDeps, credentials: KnownCredentials) => (visit: Visit): void | Promise<void> => {
  if (isExempt(visit)) return
  credentials.learn(visit)
  if (visit.caller.scope === null && visit.credentialDigest !== null) return take(visit, 'nobody', deps)
}
