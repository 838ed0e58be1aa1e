import { AuditCheck, type Message } from '@sallyport/contract'
import type { Heard } from './heard.ts'
import { readMessages } from './rig.ts'
import { must, type Target } from './wire.ts'

/** What is wrong between what was said and what is kept. Each entry is a sentence. */
export interface Discrepancies {
  /** Acknowledged and not there. */
  readonly lost: string[]
  /** Acknowledged and there in other words. */
  readonly changed: string[]
  /** Half a turn, or a message that claims to be still written. */
  readonly torn: string[]
  /** Events that nobody promised. */
  readonly odd: string[]
}

export const noDiscrepancies = (): Discrepancies => ({ lost: [], changed: [], torn: [], odd: [] })

/** Compares what readers were told with what the server has now. All turns must have ended, or the server must have been started anew. */
export async function compare(target: Target, heard: readonly Heard[], found: Discrepancies = noDiscrepancies()): Promise<Discrepancies> {
  for (const [conversationId, turns] of Map.groupBy(heard, (turn) => turn.conversationId)) {
    const kept = Map.groupBy(await readMessages(target, conversationId), (message) => message.turnId)
    for (const turn of turns) compareTurn(turn, kept.get(turn.turnId ?? '') ?? [], found)
    for (const [turnId, messages] of kept) judgeTurn(turnId, messages, found)
  }
  return found
}

/** `turn-start` acknowledges the question, `turn-end` the answer: from then on both must be there, and as they were shown. */
function compareTurn(turn: Heard, kept: readonly Message[], { lost, changed, odd }: Discrepancies): void {
  const name = turn.turnId ?? 'a turn without a start'
  odd.push(...turn.oddities.map((oddity) => `${name}: ${oddity}`))
  if (turn.turnId === null) return
  const question = kept.find(({ role }) => role === 'user')
  if (question === undefined) lost.push(`the question of ${name}`)
  else if (question.text !== turn.question || question.status !== 'complete') changed.push(`the question of ${name} is ${question.status}`)
  if (turn.end === null) return
  const answer = kept.find(({ role }) => role === 'assistant')
  if (answer === undefined) lost.push(`the answer of ${name}`)
  else if (answer.text !== turn.text || answer.text !== turn.end.text || answer.status !== turn.end.status) {
    changed.push(`the answer of ${name}: kept ${answer.text.length} characters (${answer.status}), told ${turn.end.text?.length ?? 0} (${turn.end.status}), streamed ${turn.text.length}`)
  }
}

function judgeTurn(turnId: string, pair: readonly Message[], { torn }: Discrepancies): void {
  const [question, answer] = pair
  if (pair.length !== 2 || question?.role !== 'user' || answer?.role !== 'assistant') torn.push(`${turnId} has ${pair.map(({ role }) => role).join(' and ')}`)
  for (const { id, status } of pair) if (status === 'running') torn.push(`${id} is still running`)
}

/** Whether the audit log of a running server holds together. */
export async function auditHolds(target: Target): Promise<boolean> {
  return AuditCheck.parse(await must(target, 'POST /api/v1/audit/verify')).ok
}
