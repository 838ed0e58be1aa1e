import type { Notice } from '@sallyport/contract'
import { inspect, stripForgedMarkers, type Finding, type PseudonymMap, type Surface } from '@sallyport/guard'
import { actorOf, auditStep, securityEventStep } from '../../domains/audit/index.ts'
import type { Database } from '../../database/database.ts'
import type { Clock } from '../../kernel/clock.ts'
import { ProblemError } from '../../kernel/problem.ts'
import type { GuardPolicy, GuardPolicyFor } from '../../policy/guard-policies.ts'
import type { ModelMessage } from '../../ports/model-provider.ts'
import { asKept } from '../as-kept.ts'
import { createCalmInspection, type CalmInspection } from '../inspect-calmly.ts'
import { judge, type Moderators } from '../moderation.ts'
import { actionOn, countTypes, mergeNotices, toNotices } from '../notices.ts'
import { passed } from '../passed.ts'
import { rewrite } from '../rewrite.ts'
import { screenDefinitions } from '../screen-definitions.ts'
import { normaliseQuestion } from '../text-rules.ts'
import type { Admitted, Screened } from '../turn.ts'

export interface InspectInputDeps { readonly database: Database; readonly clock: Clock; readonly questionCharacters: number; readonly moderators: Moderators; readonly guardFor: GuardPolicyFor }

/** What a model said was shown to its reader, and goes back as the reader's own text. */
const surfaceOf: Readonly<Record<ModelMessage['role'], Surface>> = { system: 'user', user: 'user', assistant: 'user', tool: 'tool' }

/**
 * Looks at every text so far: the question, the replayed history, tool results, tool-call arguments, the program's own definitions. What the policy masks, the model
 * does not see. Throws `content-blocked`, or `challenge-needed`, before anything is kept or sent.
 */
export const inspectInput = ({ database, clock, questionCharacters, moderators, guardFor }: InspectInputDeps) => async (turn: Admitted): Promise<Screened> => {
  const isGateway = turn.entrance === 'gateway'
  const given = isGateway ? turn.messages : normaliseLast(turn.messages, questionCharacters)
  const notices: Notice[] = []
  const inspection = createCalmInspection(turn.signal)
  const screening: Screening = { inspection, guard: guardFor(turn.chosen.id), isThirdParty: turn.chosen.capabilities.thirdParty, map: turn.conversation?.pseudonyms ?? [] }
  const messages: ModelMessage[] = []
  let kept = ''
  let isClean = true
  for (const [index, message] of given.entries()) {
    const isNew = index >= given.length - 1
    const findings = await findingsIn(message, screening)
    if (findings.length > 0) isClean = false
    if (isNew && !isGateway) kept = asKept(message.text, findings.filter(({ type }) => screening.guard.values.has(type)))
    messages.push(await screen(message, findings, { screening, notices: isNew || isGateway ? notices : [] }))
  }
  const mendDefinition = mender(screening, 'user', notices)
  const definitions = screenDefinitions(turn, (text) => mendDefinition(text, inspect(text, { types: screening.guard.values })))
  const asked = messages.filter(({ role }, index) => role === 'user' && (isGateway || index === messages.length - 1)).map(({ text }) => text).join('\n')
  const { notices: hazards } = await judge(moderators, asked, { place: 'input', signal: turn.signal })
  notices.push(...hazards.map(({ type, action }): Notice => ({ place: 'question', type, action, count: 1 })))
  const blocked = notices.find(({ action }) => action === 'block' || action === 'challenge')
  if (blocked !== undefined) {
    const at = clock.now()
    await database.write([
      auditStep(turn.caller, { at, action: 'turn-refused', outcome: 'refused', detail: { entrance: turn.entrance, type: blocked.type } }),
      securityEventStep(database, { at, type: 'content-blocked', severity: 'medium', accountId: actorOf(turn.caller), detail: { type: blocked.type, count: blocked.count } }),
    ])
    throw new ProblemError(blocked.action === 'block' ? 'content-blocked' : 'challenge-needed', { detail: whatToDo(blocked.type) })
  }
  return passed<Screened>({ ...turn, ...definitions, messages, pseudonyms: screening.map, notices: mergeNotices(notices), question: kept, isClean })
}

const whatToDo = (type: string) => (type === 'moderation-unavailable'
  ? 'The moderator that must look at every question does not answer. Try again in a moment.'
  : `Remove what looks like ${type.replaceAll('-', ' ')} and send again.`)

function normaliseLast(messages: readonly ModelMessage[], questionCharacters: number): readonly ModelMessage[] {
  const last = messages.at(-1)
  return last?.role === 'user' ? [...messages.slice(0, -1), { ...last, text: normaliseQuestion(last.text, questionCharacters) }] : messages
}

/** The map grows from message to message, so that one value has one stand-in in all of them. */
interface Screening { readonly inspection: CalmInspection; readonly guard: GuardPolicy; readonly isThirdParty: boolean; map: PseudonymMap }

/** Does to texts of one surface what the policy says of their findings, and notes them. */
function mender(screening: Screening, surface: Surface, notices: Notice[]): (text: string, findings: readonly Finding[]) => string {
  const actionOf = actionOn(screening.guard.actions, surface, screening.isThirdParty)
  return (text, findings) => {
    if (findings.length === 0) return text
    notices.push(...toNotices(actionOf, { place: surface === 'tool' ? 'tool' : 'question', counts: countTypes(findings) }))
    const rewritten = rewrite(text, findings, { actionOf, map: screening.map })
    screening.map = rewritten.map
    return rewritten.text
  }
}

/** Instructions of an application, and what a model said itself, are looked through for values; they give instructions by right, or none. */
const findingsIn = ({ role, text }: ModelMessage, { inspection, guard }: Screening) =>
  inspection(text, { types: role === 'system' || role === 'assistant' ? guard.values : guard.types })

async function screen(message: ModelMessage, findings: readonly Finding[], { screening, notices }: { readonly screening: Screening; readonly notices: Notice[] }): Promise<ModelMessage> {
  const mend = mender(screening, surfaceOf[message.role], notices)
  const text = mend(message.text, findings)
  if (message.role === 'tool') return { ...message, text: stripForgedMarkers(text) }
  if (message.role !== 'assistant') return { ...message, text }
  const toolCalls: (typeof message.toolCalls)[number][] = []
  for (const call of message.toolCalls) toolCalls.push({ ...call, argumentsText: mend(call.argumentsText, await screening.inspection(call.argumentsText, { types: screening.guard.values })) })
  return { ...message, text, toolCalls }
}
