import { operations, type ProblemCode } from '@sallyport/contract'
import type { Patterns, PatternSubject } from '../domains/patterns/index.ts'
import { coarseAddress } from '../kernel/address-range.ts'
import type { PatternName } from '../policy/patterns.ts'
import { bannedWith } from '../policy/penalties.ts'
import type { Visit } from './visit.ts'

/** Refusals that a pattern is made of. */
const told: Partial<Readonly<Record<ProblemCode, PatternName>>> = { 'not-found': 'enumeration', 'content-blocked': 'prompt-probing', 'challenge-needed': 'prompt-probing' }

/** What a refusal tells of whoever was refused: things that are not there by their address, refused questions one by one. */
export function observeRefusal(patterns: Pick<Patterns, 'note'>, visit: Visit, code: ProblemCode): void {
  const name = told[code]
  if (name === undefined || visit.isLocal) return
  patterns.note(name, answering(visit), name === 'enumeration' ? pathOf(visit) : visit.correlationId)
}

/** What a call that is let in tells: from which network a key is used, and which single things are read. */
export const observeCall = (patterns: Pick<Patterns, 'note'>) => (visit: Visit): void => {
  const { isLocal, operationId, caller, request } = visit
  if (isLocal || operationId === null || caller.scope === null) return
  const { accountId } = caller.scope
  if (caller.keyId !== null) patterns.note('key-sharing', [{ kind: 'key', id: caller.keyId, accountId }], coarseAddress(caller.address))
  const { method, path } = operations[operationId]
  if (request.method === method && method === 'GET' && path.includes('/:')) patterns.note('scraping', answering(visit), pathOf(visit))
}

/** Who answers for a call: its key and the key's account, so that many keys of one account do not hide what they do together. */
const answering = ({ caller }: Visit): readonly PatternSubject[] => bannedWith(caller).map((one) => ({ ...one, ...(one.kind === 'key' && { accountId: caller.scope?.accountId ?? null }) }))

const pathOf = ({ request }: Visit): string => request.url.split('?', 1)[0] ?? ''
