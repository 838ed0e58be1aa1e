import { operationPolicy } from '../../policy/operations.ts'
import { tooMany } from '../../policy/rate-rules.ts'
import { addRateHeaders } from '../rate-headers.ts'
import type { Visit } from '../visit.ts'
import type { RateDeps } from './limit-address.ts'

/** The rates of a class of operation (LIM-1), and what an API key is limited to itself. Turns are counted in the turn, so that every entrance meets the same counter. */
export const limitOperation = ({ limiter, rules }: RateDeps) => async (visit: Visit): Promise<void> => {
  if (visit.isLocal) return
  const budget = visit.operationId === null ? 'unlisted' : operationPolicy[visit.operationId].budget
  const own = budget === 'turn' ? rules.ofKey(visit.caller) : rules.of(budget, visit.caller)
  // Only calls that their own limits let in count for the address that they share with others.
  const shared = budget === 'none' || visit.caller.scope === null ? [] : [rules.ofAddressAs('signed-in', visit.address)]
  const { refused, standings } = await limiter.take([...own, ...shared])
  addRateHeaders(visit.headers, refused !== null && !own.includes(refused.rule) ? [...standings] : standings.slice(0, own.length))
  if (refused !== null) throw tooMany(refused)
}
