import { overloaded, type Load } from '../../domains/load/index.ts'
import { shedWith } from '../../policy/load.ts'
import { operationPolicy } from '../../policy/operations.ts'
import type { Visit } from '../visit.ts'

/** Refuses what the server gives up while it is too busy (LIM-8). Whoever administers it over the socket is always heard. */
export const shedLoad = (load: Pick<Load, 'sheds' | 'shed'>) => ({ isLocal, operationId, caller }: Visit): void => {
  if (isLocal || load.shed().length === 0) return
  const step = shedWith(operationId, operationId === null ? null : operationPolicy[operationId].budget, caller.scope === null)
  if (step !== null && load.sheds(step)) throw overloaded('More is asked of it than it can answer. Try again in a few seconds.')
}
