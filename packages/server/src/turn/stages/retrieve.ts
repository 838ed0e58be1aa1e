import { randomBytes } from 'node:crypto'
import type { Citation, Notice } from '@sallyport/contract'
import { stripForgedMarkers } from '@sallyport/guard'
import type { Restriction } from '../../kernel/restriction.ts'
import type { Scope } from '../../kernel/scope.ts'
import type { GuardPolicyFor } from '../../policy/guard-policies.ts'
import type { GroundingPassage, ModelMessage } from '../../ports/model-provider.ts'
import { createCalmInspection } from '../inspect-calmly.ts'
import { writeInstructions } from '../instructions.ts'
import { actionOn, countTypes, mergeNotices, toNotices } from '../notices.ts'
import { passed } from '../passed.ts'
import { rewrite } from '../rewrite.ts'
import type { Grounded, Screened } from '../turn.ts'

export interface FoundPassage { readonly passageId: string; readonly documentId: string; readonly title: string; readonly heading: string; readonly text: string; readonly score: number }
/** Searches what this scope may read; access is checked at query time (KNO-4). The newest question is last; earlier ones help where it says too little. */
export type SearchPassages = (scope: Scope, questions: readonly string[], restriction: Restriction | null) => Promise<readonly FoundPassage[]>

const CANARY_BYTES = 9
const DELIMITER_BYTES = 16
const EARLIER_QUESTIONS = 2

/**
 * Finds passages for the question, inspects each, and sets our own instructions before the messages. The gateway's callers bring their own
 * instructions; only a model that answers from documents alone gets passages there.
 */
export const retrieve = ({ search, guardFor }: { readonly search: SearchPassages; readonly guardFor: GuardPolicyFor }) => async (turn: Screened): Promise<Grounded> => {
  const { grounding } = turn.chosen.capabilities
  if (turn.entrance === 'gateway' && !grounding) return passed<Grounded>({ ...turn, passages: [], citations: [], canary: null })
  const questions = turn.messages.filter(({ role }) => role === 'user').slice(-EARLIER_QUESTIONS).map(({ text }) => text)
  const found = turn.knowledge ?? grounding ? await search(turn.scope, questions, turn.caller.restriction) : []

  const notices: Notice[] = [...turn.notices]
  const { actions, types } = guardFor(turn.chosen.id)
  const actionOf = actionOn(actions, 'retrieved', turn.chosen.capabilities.thirdParty)
  let pseudonyms = turn.pseudonyms
  const inspection = createCalmInspection(turn.signal)
  const clean = async (text: string): Promise<string> => {
    const findings = await inspection(text, { types })
    if (findings.length === 0) return stripForgedMarkers(text)
    notices.push(...toNotices(actionOf, { place: 'passage', counts: countTypes(findings) }))
    const rewritten = rewrite(text, findings, { actionOf, map: pseudonyms })
    pseudonyms = rewritten.map
    return stripForgedMarkers(rewritten.text)
  }
  const passages: GroundingPassage[] = []
  for (const [index, { title, heading, text, score }] of found.entries()) {
    passages.push({ number: index + 1, title: await clean(title), heading: await clean(heading), text: await clean(text), score })
  }
  const citations = found.map(({ passageId, documentId, title, heading }, index): Citation => ({ number: index + 1, passageId, documentId, title, heading }))
  const canary = grounding ? null : randomBytes(CANARY_BYTES).toString('base64url').replaceAll(/[-_]/g, 'x')
  const instructions: readonly ModelMessage[] = canary === null ? [] : [{ role: 'system', text: writeInstructions({ canary, delimiter: randomBytes(DELIMITER_BYTES).toString('hex'), passages }) }]
  return passed<Grounded>({ ...turn, messages: [...instructions, ...turn.messages], passages, citations, pseudonyms, notices: mergeNotices(notices), canary })
}
