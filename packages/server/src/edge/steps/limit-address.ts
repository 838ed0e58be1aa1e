import { operationPolicy } from '../../policy/operations.ts'
import { tooMany, type RateRules } from '../../policy/rate-rules.ts'
import type { RateLimiter } from '../../ports/rate-limiter.ts'
import { addRateHeaders } from '../rate-headers.ts'
import type { Visit } from '../visit.ts'

export interface RateDeps { readonly limiter: Pick<RateLimiter, 'take'>; readonly rules: RateRules }

/** The rate of an address, before anybody is identified. Health checks are exempt. */
export const limitAddress = ({ limiter, rules }: RateDeps) => async (visit: Visit): Promise<void> => {
  if (visit.isLocal || (visit.operationId !== null && operationPolicy[visit.operationId].budget === 'none')) return
  const { refused } = await limiter.take([rules.ofAddress('address', visit.address)])
  if (refused === null) return
  addRateHeaders(visit.headers, [refused])
  throw tooMany(refused)
}
