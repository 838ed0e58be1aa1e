import type { KeptAnswer } from '../../domains/answer-cache/index.ts'
import { weighRequest, type ResolvedModel } from '../../domains/models/index.ts'
import { tokensOf } from '../../kernel/estimate-tokens.ts'
import { ProblemError } from '../../kernel/problem.ts'
import type { GuardPolicyFor } from '../../policy/guard-policies.ts'
import { answerCharacters, budgetRules } from '../../policy/limits.ts'
import { ProviderFailure, type ModelEvent, type ModelRequest, type ProviderFailureKind } from '../../ports/model-provider.ts'
import type { ProblemCode } from '@sallyport/contract'
import type { Prepared, RawEvents } from '../turn.ts'

export interface CompleteDeps { readonly answerTokens: number; readonly guardFor: GuardPolicyFor }

/** What says that a model does not answer now, and another may. A request that was refused would be refused again. */
const passedOn: ReadonlySet<ProviderFailureKind> = new Set(['timeout', 'unavailable', 'failed', 'resting', 'rate-limited', 'busy', 'rejected-credential', 'invalid-answer'])

/**
 * Calls the model. Nothing happens until the first event is pulled. Where it does not answer, those that were set to take over are asked in
 * their order, but never once an event has come. A kept answer is given in the model's place. An answer for which a budget has no more room ends there. Throws `ProblemError`; on an abort, the signal's reason.
 */
export const complete = ({ answerTokens, guardFor }: CompleteDeps) => async function* (turn: Prepared): RawEvents {
  if (turn.recalled?.answer != null) {
    yield* replay(turn.recalled.answer)
    return
  }
  const held = { outputTokens: await coverInput(turn) }
  const line = [turn.chosen, ...turn.chosen.fallbacks.filter((model) => mayTakeOver(turn, model, guardFor))]
  const failed: Failed[] = []
  for (const model of line) {
    if (failed.length > 0) {
      // A budget of its provider has no room: the one after it is asked.
      if (!await turn.lease.passTo(model)) continue
      if (failed.length === 1) turn.lease.notices.push({ place: 'answer', type: 'model-replaced', action: 'warn', count: 1 })
    }
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
      failed.push({ model: model.id, failure: error, hasBegun })
      if (hasBegun || !passedOn.has(error.kind)) break
    }
  }
  throw toProblemOf(failed, turn)
}

/** A kept answer as the events that it once came as. It used nothing. */
function* replay({ reasoning, text }: KeptAnswer): Iterable<ModelEvent> {
  if (reasoning !== '') yield { type: 'reasoning-delta', choice: 0, text: reasoning }
  yield { type: 'text-delta', choice: 0, text }
  yield { type: 'finish', choice: 0, reason: 'stop' }
  yield { type: 'usage', inputTokens: 0, outputTokens: 0 }
}

/** What was inspected for one model may go to another only where the guard asks the same of it; and it must be able to do what is asked. */
function mayTakeOver({ chosen, tools, passages }: Prepared, { id, capabilities }: ResolvedModel, guardFor: GuardPolicyFor): boolean {
  const sameGuard = JSON.stringify(guardFor(id).actions) === JSON.stringify(guardFor(chosen.id).actions) && guardFor(id).toolCalls === guardFor(chosen.id).toolCalls
  return sameGuard && (!capabilities.thirdParty || chosen.capabilities.thirdParty) && (tools.length === 0 || capabilities.tools) && (!capabilities.grounding || passages.length > 0)
}

interface Answering { readonly answerTokens: number; readonly held: { outputTokens: number } }

/** One model's answer, ended where the budgets have no more room. Throws `ProviderFailure`. */
async function* answerOf(turn: Prepared, model: ResolvedModel, { answerTokens, held }: Answering): AsyncGenerator<ModelEvent, void, undefined> {
  const { lease } = turn
  const request: ModelRequest = {
    model: model.vendorModel, messages: turn.messages, tools: turn.tools, toolChoice: turn.toolChoice, passages: passagesFor(turn, model),
    options: { ...turn.options, maxOutputTokens: Math.min(turn.options.maxOutputTokens ?? answerTokens, lease.answerTokens, Math.max(1, Math.floor(held.outputTokens / turn.choices))) },
    choices: model.capabilities.choices ? turn.choices : 1, streamed: turn.streamed, correlationId: turn.correlationId,
  }
  const open = new Set(Array.from({ length: turn.choices }, (_, choice) => choice))
  let characters = 0
  for await (const event of callsOf(turn, model, request)) {
    if ('text' in event) characters += event.text.length
    else if (event.type === 'tool-call-delta') characters += event.argumentsText.length
    if (characters > answerCharacters) throw new ProviderFailure('too-large', 'The answer is longer than any answer may be.')
    while (lease.spending.wouldExceed(held.outputTokens, event)) {
      if (!await lease.extend(0, budgetRules.extendTokens)) {
        lease.notices.push({ place: 'answer', type: 'budget-spent', action: 'warn', count: 1 })
        for (const choice of open) yield { type: 'finish', choice, reason: 'length' }
        return
      }
      held.outputTokens += budgetRules.extendTokens
    }
    lease.spending.came(event)
    if (event.type === 'finish') open.delete(event.choice)
    yield event
  }
}

/** What is sent has grown since it was reserved: instructions and passages came with it. Gives the tokens that are left for the answers. Throws `budget-spent`. */
async function coverInput(turn: Prepared): Promise<number> {
  const { lease, chosen, choices } = turn
  if (lease.heldOutputTokens === null) return Infinity
  const tokens = tokensOf(weighRequest({ ...turn, passages: passagesFor(turn, chosen) })) * (chosen.capabilities.choices ? 1 : choices)
  const more = Math.max(0, tokens - lease.heldInputTokens)
  if (more === 0 || await lease.extend(more, 0)) return lease.heldOutputTokens
  // A budget that has no room for it gave all it had for the answer: that pays, as far as it goes.
  if (lease.heldOutputTokens - more < budgetRules.leastAnswerTokens) {
    const problem = await lease.spent(more)
    // A model that answers from documents alone cannot be asked without them.
    const advice = chosen.capabilities.grounding ? 'The documents that answer this question take more than is left.' : 'The documents and instructions that go with this question take more than is left: asked without documents, it may have room.'
    throw new ProblemError(problem.code, { detail: `${advice} ${problem.message}`, members: problem.members })
  }
  return lease.heldOutputTokens - more
}

/** Models that do not answer from passages alone have them inside their instructions. */
const passagesFor = ({ passages }: Prepared, { capabilities }: ResolvedModel) => (capabilities.grounding ? passages : [])

/** One call; where several answers are wanted of a vendor that gives one at a time, one call each, in order. */
function callsOf(turn: Prepared, model: ResolvedModel, request: ModelRequest): AsyncIterable<ModelEvent> {
  if (turn.choices > 1 && !model.capabilities.choices) return manyCalls(turn, model, request)
  turn.lease.spending.asked(request)
  return model.provider.stream(request, turn.signal)
}

async function* manyCalls({ choices, lease, signal }: Prepared, { provider }: ResolvedModel, request: ModelRequest): AsyncIterable<ModelEvent> {
  for (let choice = 0; choice < choices; choice += 1) {
    lease.spending.asked(request)
    for await (const event of provider.stream(request, signal)) yield event.type === 'usage' ? event : { ...event, choice }
  }
}

const failures: Readonly<Record<ProviderFailureKind, { readonly code: ProblemCode; readonly what: string; readonly next: string }>> = {
  timeout: { code: 'provider-unavailable', what: 'It did not answer in time.', next: 'Try again, or choose another model.' },
  unavailable: { code: 'provider-unavailable', what: 'It cannot be reached.', next: 'Try again, or choose another model.' },
  failed: { code: 'provider-error', what: 'Its provider answered with an error.', next: 'Try again, or choose another model.' },
  resting: { code: 'provider-unavailable', what: 'Its provider failed again and again, and is left alone for a while.', next: 'Try again later, or choose another model.' },
  'rate-limited': { code: 'provider-unavailable', what: 'The provider asks to slow down.', next: 'Wait a moment and try again, or choose another model.' },
  'rejected-credential': { code: 'provider-error', what: 'The provider refused its key.', next: 'Tell your administrator, or choose another model.' },
  'unknown-model': { code: 'model-not-found', what: 'The provider does not offer this model.', next: 'Choose another one.' },
  'refused-request': { code: 'provider-error', what: 'The provider refused the request.', next: 'Change it, or choose another model.' },
  'invalid-answer': { code: 'provider-error', what: 'The provider sent something that is no answer.', next: 'Try again, or choose another model.' },
  busy: { code: 'provider-unavailable', what: 'Too many questions wait for it.', next: 'Try again in a moment, or choose another model.' },
  'too-large': { code: 'provider-error', what: 'The answer grew too long and was ended.', next: 'Ask for less.' },
}

interface Failed { readonly model: string; readonly failure: ProviderFailure; readonly hasBegun: boolean }

/** The honest notice: who was asked, what the last of them did, whether the question is kept, what to do next, and from when on one of them may be asked again. */
function toProblemOf(failed: readonly Failed[], { conversation }: Prepared): ProblemError {
  const last = failed.at(-1)
  if (last === undefined) throw new Error('No model was asked.')
  const { code, what, next } = failures[last.failure.kind]
  const did = last.hasBegun && last.failure.kind === 'unavailable' ? 'Its answer broke off.' : what
  const who = failed.length === 1 ? `${last.model}: ${did}` : `None of ${failed.map(({ model }) => model).join(', ')} answered. Of the last: ${did}`
  const kept = conversation !== null && passedOn.has(last.failure.kind) ? ' Your question is kept.' : ''
  const waits = failed.flatMap(({ failure: { retryAfterSeconds } }) => retryAfterSeconds ?? [])
  return new ProblemError(code, { detail: `${who}${kept} ${next}`, cause: last.failure, ...(waits.length > 0 && { members: { retryAfterSeconds: Math.min(...waits) } }) })
}
