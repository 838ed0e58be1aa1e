import { operations, type ProblemCode } from '@sallyport/contract'
import type { Patterns } from '../domains/patterns/index.ts'
import type { PatternName } from '../policy/patterns.ts'
import { punishedFor } from '../policy/penalties.ts'
import type { Visit } from './visit.ts'

/** Refusals that a pattern is made of. */
const told: Partial<Readonly<Record<ProblemCode, PatternName>>> = { 'not-found': 'enumeration', 'content-blocked': 'prompt-probing', 'challenge-needed': 'prompt-probing' }

/** What a refusal tells of whoever was refused: things that are not there by their address, refused questions one by one. */
export function observeRefusal(patterns: Pick<Patterns, 'note'>, visit: Visit, code: ProblemCode): void {
  const name = told[code]
  const subject = visit.isLocal ? null : punishedFor(visit.caller)
  if (name === undefined || subject === null) return
  patterns.note(name, { ...subject, ...(subject.kind === 'key' && { accountId: visit.caller.scope?.accountId ?? null }) }, name === 'enumeration' ? pathOf(visit) : visit.correlationId)
}

/** What a call that is let in tells: from which network a key is used, and which single things are read. */
export const observeCall = (patterns: Pick<Patterns, 'note'>) => (visit: Visit): void => {
  const { isLocal, operationId, caller, request } = visit
  if (isLocal || operationId === null || caller.scope === null) return
  const { accountId } = caller.scope
  if (caller.credential.kind === 'api-key') patterns.note('key-sharing', { kind: 'key', id: caller.credential.id, accountId }, networkOf(caller.address))
  const { method, path } = operations[operationId]
  const subject = punishedFor(caller)
  if (subject !== null && request.method === method && method === 'GET' && path.includes('/:')) patterns.note('scraping', { ...subject, ...(subject.kind === 'key' && { accountId }) }, pathOf(visit))
}

const pathOf = ({ request }: Visit): string => request.url.split('?', 1)[0] ?? ''

/** The network of an address: what one provider gives to one customer, more or less. */
const networkOf = (address: string): string => address.includes(':') ? address.split(':').slice(0, 3).join(':') : address.split('.').slice(0, 3).join('.')
