import type { Notice } from '@sallyport/contract'
import { inspect, redact, spanTypes, stripForgedMarkers, type DetectorType, type Finding, type InspectOptions, type PseudonymMap, type Surface } from '@sallyport/guard'
import { actorOf, auditStep, securityEventStep } from '../../domains/audit/index.ts'
import type { Database } from '../../database/database.ts'
import type { Clock } from '../../kernel/clock.ts'
import { ProblemError } from '../../kernel/problem.ts'
import { storing, type Guarding } from '../../policy/guarding.ts'
import type { ModelMessage } from '../../ports/model-provider.ts'
import { createCalmInspection, type CalmInspection } from '../inspect-calmly.ts'
import { judge, type Moderators } from '../moderation.ts'
import { actionOn, countTypes, mergeNotices, toNotices } from '../notices.ts'
import { passed } from '../passed.ts'
import { rewrite } from '../rewrite.ts'
import { screenDefinitions } from '../screen-definitions.ts'
import { normaliseQuestion } from '../text-rules.ts'
import type { Admitted, Screened } from '../turn.ts'

export interface InspectInputDeps { readonly database: Database; readonly clock: Clock; readonly questionCharacters: number; readonly moderators: Moderators; readonly guarding: Guarding }

/** Instructions of an application, and what a model said itself, are looked through for values; they give instructions by right, or none. */
const valuesOnly: InspectOptions = { types: new Set<DetectorType>(spanTypes) }
/** What a model said was shown to its reader, and goes back as the reader's own text. */
const surfaceOf: Readonly<Record<ModelMessage['role'], Surface>> = { system: 'user', user: 'user', assistant: 'user', tool: 'tool' }

/**
 * Looks at every text so far: the question, the replayed history, tool results, tool-call arguments, the program's own definitions. What the policy masks, the model
 * does not see. Throws `content-blocked`, or `challenge-needed`, before anything is kept or sent.
 */
export const inspectInput = ({ database, clock, questionCharacters, moderators, guarding }: InspectInputDeps) => async (turn: Admitted): Promise<Screened> => {
  const isGateway = turn.entrance === 'gateway'
  const given = isGateway ? turn.messages : normaliseLast(turn.messages, questionCharacters)
  const notices: Notice[] = []
  const inspection = createCalmInspection(turn.signal)
  const screening: Screening = { inspection, guarding, isThirdParty: turn.chosen.capabilities.thirdParty, map: turn.conversation?.pseudonyms ?? [] }
  const messages: ModelMessage[] = []
  for (const [index, message] of given.entries()) messages.push(await screen(message, screening, index >= given.length - 1 || isGateway ? notices : []))
  const mendDefinition = mender(screening, 'user', notices)
  const definitions = screenDefinitions(turn, (text) => mendDefinition(text, inspect(text, valuesOnly)))
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
  return passed<Screened>({ ...turn, ...definitions, messages, pseudonyms: screening.map, notices: mergeNotices(notices), question: isGateway ? '' : await asKept(given.at(-1), inspection) })
}

const whatToDo = (type: string) => (type === 'moderation-unavailable'
  ? 'The moderator that must look at every question does not answer. Try again in a moment.'
  : `Remove what looks like ${type.replaceAll('-', ' ')} and send again.`)

function normaliseLast(messages: readonly ModelMessage[], questionCharacters: number): readonly ModelMessage[] {
  const last = messages.at(-1)
  return last?.role === 'user' ? [...messages.slice(0, -1), { ...last, text: normaliseQuestion(last.text, questionCharacters) }] : messages
}

/** The map grows from message to message, so that one value has one stand-in in all of them. */
interface Screening { readonly inspection: CalmInspection; readonly guarding: Guarding; readonly isThirdParty: boolean; map: PseudonymMap }

/** Does to texts of one surface what the policy says of their findings, and notes them. */
function mender(screening: Screening, surface: Surface, notices: Notice[]): (text: string, findings: readonly Finding[]) => string {
  const actionOf = actionOn(screening.guarding, surface, screening.isThirdParty)
  return (text, findings) => {
    if (findings.length === 0) return text
    notices.push(...toNotices(actionOf, { place: surface === 'tool' ? 'tool' : 'question', counts: countTypes(findings) }))
    const rewritten = rewrite(text, findings, { actionOf, map: screening.map })
    screening.map = rewritten.map
    return rewritten.text
  }
}

async function screen(message: ModelMessage, screening: Screening, notices: Notice[]): Promise<ModelMessage> {
  const options = message.role === 'system' || message.role === 'assistant' ? valuesOnly : {}
  const mend = mender(screening, surfaceOf[message.role], notices)
  const clean = async (text: string): Promise<string> => mend(text, await screening.inspection(text, options))
  const text = await clean(message.text)
  if (message.role === 'tool') return { ...message, text: stripForgedMarkers(text) }
  if (message.role !== 'assistant') return { ...message, text }
  const toolCalls: (typeof message.toolCalls)[number][] = []
  for (const call of message.toolCalls) toolCalls.push({ ...call, argumentsText: await clean(call.argumentsText) })
  return { ...message, text, toolCalls }
}

/** The question for its owner's own history: what may not be stored is masked (PRI-2). */
async function asKept(question: ModelMessage | undefined, inspection: CalmInspection): Promise<string> {
  if (question === undefined) return ''
  return redact(question.text, await inspection(question.text, valuesOnly), ({ type }) => (storing[type] === 'mask' ? 'mask' : 'allow')).text
}
