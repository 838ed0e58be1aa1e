import { operationPolicy } from '../../policy/operations.ts'
import { tooMany } from '../../policy/rate-rules.ts'
import { addRateHeaders } from '../rate-headers.ts'
import type { Visit } from '../visit.ts'
import type { RateDeps } from './limit-address.ts'

/** The rates of a class of operation (LIM-1), and what an API key is limited to itself. Turns are counted in the turn, so that every entrance meets the same counter. */
export const limitOperation = ({ limiter, rules }: RateDeps) => async (visit: Visit): Promise<void> => {
  if (visit.operationId === null || visit.isLocal) return
  const { budget } = operationPolicy[visit.operationId]
  const { refused, standings } = await limiter.take(budget === 'turn' ? rules.ofKey(visit.caller) : rules.of(budget, visit.caller))
  addRateHeaders(visit.headers, standings)
  if (refused !== null) throw tooMany(refused)
}
