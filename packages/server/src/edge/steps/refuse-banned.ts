import type { Penalties } from '../../domains/penalties/index.ts'
import { operationPolicy } from '../../policy/operations.ts'
import { bannedWith } from '../../policy/penalties.ts'
import type { Visit } from '../visit.ts'

export interface PenaltyDeps { readonly penalties: Pick<Penalties, 'require' | 'note'> }

/** Keeps out who is banned (LIM-3). Files of the page still come, so that it can say why, and so do health checks; the administration socket is never kept out. */
export const refuseBanned = ({ penalties }: PenaltyDeps) => ({ isLocal, operationId, caller }: Visit): void => {
  const budget = operationId === null ? null : operationPolicy[operationId].budget
  if (isLocal || budget === 'none' || budget === 'static') return
  penalties.require(bannedWith(caller))
}
