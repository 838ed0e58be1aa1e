import type { ResolvedModel } from '../../domains/models/index.ts'
import { ProblemError } from '../../kernel/problem.ts'
import type { GuardPolicyFor } from '../../policy/guard-policies.ts'
import { answerCharacters, budgetRules } from '../../policy/limits.ts'
import { ProviderFailure, type ModelEvent, type ModelRequest, type ProviderFailureKind } from '../../ports/model-provider.ts'
import type { ProblemCode } from '@sallyport/contract'
import { estimateTokens } from '../estimate-tokens.ts'
import type { Grounded, RawEvents } from '../turn.ts'

export interface CompleteDeps { readonly answerTokens: number; readonly guardFor: GuardPolicyFor }

/** What says that a model does not answer now, and another may. A request that was refused would be refused again. */
const passedOn: ReadonlySet<ProviderFailureKind> = new Set(['timeout', 'unavailable', 'rate-limited', 'busy', 'rejected-credential', 'invalid-answer'])

/**
 * Calls the model. Nothing happens until the first event is pulled. Where it does not answer, those that were set to take over are asked in
 * their order, but never once an event has come. An answer for which a budget has no more room ends there. Throws `ProblemError`; on an abort, the signal's reason.
 */
export const complete = ({ answerTokens, guardFor }: CompleteDeps) => async function* (turn: Grounded): RawEvents {
  const held = { outputTokens: await coverInput(turn) }
  const line = [turn.chosen, ...turn.chosen.fallbacks.filter((model) => mayTakeOver(turn, model, guardFor))]
  for (const [index, model] of line.entries()) {
    let hasBegun = false
    try {
      for await (const event of answerOf(turn, model, { answerTokens, held })) {
        hasBegun = true
        yield event
      }
      return
    } catch (error) {
      turn.signal.throwIfAborted()
      if (!(error instanceof ProviderFailure)) throw error
      const next = line[index + 1]
      if (hasBegun || !passedOn.has(error.kind) || next === undefined) throw toProblemOf(error, turn, line.slice(0, index + 1).map(({ id }) => id))
      if (index === 0) turn.lease.notices.push({ place: 'answer', type: 'model-replaced', action: 'warn', count: 1 })
      turn.lease.answeredBy = next.id
    }
  }
}

/** What was inspected for one model may go to another only where the guard asks the same of it; and it must be able to do what is asked. */
function mayTakeOver({ chosen, tools, passages }: Grounded, { id, capabilities }: ResolvedModel, guardFor: GuardPolicyFor): boolean {
  const sameGuard = JSON.stringify(guardFor(id).actions) === JSON.stringify(guardFor(chosen.id).actions) && guardFor(id).toolCalls === guardFor(chosen.id).toolCalls
  return sameGuard && (!capabilities.thirdParty || chosen.capabilities.thirdParty) && (tools.length === 0 || capabilities.tools) && (!capabilities.grounding || passages.length > 0)
}

interface Answering { readonly answerTokens: number; readonly held: { outputTokens: number } }

/** One model's answer, ended where the budgets have no more room. Throws `ProviderFailure`. */
async function* answerOf(turn: Grounded, model: ResolvedModel, { answerTokens, held }: Answering): AsyncGenerator<ModelEvent, void, undefined> {
  const { lease } = turn
  const request: ModelRequest = {
    model: model.vendorModel, messages: turn.messages, tools: turn.tools, toolChoice: turn.toolChoice, passages: turn.passages,
    options: { ...turn.options, maxOutputTokens: Math.min(turn.options.maxOutputTokens ?? answerTokens, lease.answerTokens, Math.max(1, Math.floor(held.outputTokens / turn.choices))) },
    choices: model.capabilities.choices ? turn.choices : 1, streamed: turn.streamed, correlationId: turn.correlationId,
  }
  const open = new Set(Array.from({ length: turn.choices }, (_, choice) => choice))
  let characters = 0
  const events = turn.choices > 1 && !model.capabilities.choices ? manyChoices(turn, model, request) : model.provider.stream(request, turn.signal)
  for await (const event of events) {
    if ('text' in event) characters += event.text.length
    else if (event.type === 'tool-call-delta') characters += event.argumentsText.length
    if (characters > answerCharacters) throw new ProviderFailure('too-large', 'The answer is longer than any answer may be.')
    while (estimateTokens(characters) > held.outputTokens) {
      if (!await lease.extend(0, budgetRules.extendTokens)) {
        lease.notices.push({ place: 'answer', type: 'budget-spent', action: 'warn', count: 1 })
        for (const choice of open) yield { type: 'finish', choice, reason: 'length' }
        return
      }
      held.outputTokens += budgetRules.extendTokens
    }
    if (event.type === 'finish') open.delete(event.choice)
    yield event
  }
}

/** What is sent has grown since it was reserved: instructions and passages came with it. Gives the tokens that are left for the answers. Throws `budget-spent`. */
async function coverInput({ lease, messages, passages }: Grounded): Promise<number> {
  if (lease.heldOutputTokens === null) return Infinity
  const tokens = estimateTokens(messages.reduce((sum, { text }) => sum + text.length, 0) + passages.reduce((sum, { text }) => sum + text.length, 0))
  const more = Math.max(0, tokens - lease.heldInputTokens)
  if (more === 0 || await lease.extend(more, 0)) return lease.heldOutputTokens
  // A budget that has no room for it gave all it had for the answer: that pays, as far as it goes.
  if (lease.heldOutputTokens - more < budgetRules.leastAnswerTokens) {
    throw new ProblemError('budget-spent', { detail: 'A budget has no room for the documents that go with this question. Ask without them, or ask an administrator for more.' })
  }
  return lease.heldOutputTokens - more
}

/** Several answers from a vendor that gives one at a time: one call each, in order, their usage added up. */
async function* manyChoices({ choices, signal }: Grounded, { provider }: ResolvedModel, request: ModelRequest): AsyncIterable<ModelEvent> {
  let inputTokens = 0
  let outputTokens = 0
  let isCounted = false
  for (let choice = 0; choice < choices; choice += 1) {
    for await (const event of provider.stream(request, signal)) {
      if (event.type === 'usage') {
        inputTokens += event.inputTokens
        outputTokens += event.outputTokens
        isCounted = true
      } else yield { ...event, choice }
    }
  }
  if (isCounted) yield { type: 'usage', inputTokens, outputTokens }
}

const failures: Readonly<Record<ProviderFailureKind, { readonly code: ProblemCode; readonly what: string; readonly next: string }>> = {
  timeout: { code: 'provider-unavailable', what: 'It did not answer in time.', next: 'Try again, or choose another model.' },
  unavailable: { code: 'provider-unavailable', what: 'It cannot be reached.', next: 'Try again, or choose another model.' },
  'rate-limited': { code: 'provider-unavailable', what: 'The provider asks to slow down.', next: 'Wait a moment and try again, or choose another model.' },
  'rejected-credential': { code: 'provider-error', what: 'The provider refused its key.', next: 'Tell your administrator, or choose another model.' },
  'unknown-model': { code: 'model-not-found', what: 'The provider does not offer this model.', next: 'Choose another one.' },
  'refused-request': { code: 'provider-error', what: 'The provider refused the request.', next: 'Change it, or choose another model.' },
  'invalid-answer': { code: 'provider-error', what: 'The provider sent something that is no answer.', next: 'Try again, or choose another model.' },
  busy: { code: 'provider-unavailable', what: 'Too many questions wait for it.', next: 'Try again in a moment, or choose another model.' },
  'too-large': { code: 'provider-error', what: 'The answer grew too long and was ended.', next: 'Ask for less.' },
}

/** The honest notice: who was asked, what the last of them did, whether the question is kept, and what to do next. */
function toProblemOf(failure: ProviderFailure, { conversation }: Grounded, asked: readonly string[]): ProblemError {
  const { code, what, next } = failures[failure.kind]
  const { retryAfterSeconds } = failure
  const who = asked.length === 1 ? `${asked[0] ?? ''}: ${what}` : `None of ${asked.join(', ')} answered. Of the last: ${what}`
  const detail = `${who}${conversation !== null && code === 'provider-unavailable' ? ' Your question is kept.' : ''} ${next}`
  return new ProblemError(code, { detail, cause: failure, ...(retryAfterSeconds !== undefined && { members: { retryAfterSeconds } }) })
}
