import { ProblemError } from '../../kernel/problem.ts'
import { answerCharacters, budgetRules } from '../../policy/limits.ts'
import { ProviderFailure, type ModelEvent, type ModelRequest, type ProviderFailureKind } from '../../ports/model-provider.ts'
import type { ProblemCode } from '@sallyport/contract'
import { estimateTokens } from '../estimate-tokens.ts'
import type { Grounded, RawEvents } from '../turn.ts'

export interface CompleteDeps { readonly answerTokens: number }

/** Calls the model. Nothing happens until the first event is pulled. An answer for which a budget has no more room ends there. Throws `ProblemError`; on an abort, the signal's reason. */
export const complete = ({ answerTokens }: CompleteDeps) => async function* (turn: Grounded): RawEvents {
  const { chosen, lease } = turn
  let held = await coverInput(turn)
  const request: ModelRequest = {
    model: chosen.vendorModel, messages: turn.messages, tools: turn.tools, toolChoice: turn.toolChoice, passages: turn.passages,
    options: { ...turn.options, maxOutputTokens: Math.min(turn.options.maxOutputTokens ?? answerTokens, lease.answerTokens, Math.max(1, Math.floor(held / turn.choices))) },
    choices: chosen.capabilities.choices ? turn.choices : 1, streamed: turn.streamed, correlationId: turn.correlationId,
  }
  const open = new Set(Array.from({ length: turn.choices }, (_, choice) => choice))
  let characters = 0
  try {
    const events = turn.choices > 1 && !chosen.capabilities.choices ? manyChoices(turn, request) : chosen.provider.stream(request, turn.signal)
    for await (const event of events) {
      if ('text' in event) characters += event.text.length
      else if (event.type === 'tool-call-delta') characters += event.argumentsText.length
      if (characters > answerCharacters) throw new ProviderFailure('too-large', 'The answer is longer than any answer may be.')
      while (estimateTokens(characters) > held) {
        if (!await lease.extend(0, budgetRules.extendTokens)) {
          lease.notices.push({ place: 'answer', type: 'budget-spent', action: 'warn', count: 1 })
          for (const choice of open) yield { type: 'finish', choice, reason: 'length' }
          return
        }
        held += budgetRules.extendTokens
      }
      if (event.type === 'finish') open.delete(event.choice)
      yield event
    }
  } catch (error) {
    turn.signal.throwIfAborted()
    throw error instanceof ProviderFailure ? toProblemOf(error, chosen.id) : error
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
async function* manyChoices({ chosen, choices, signal }: Grounded, request: ModelRequest): AsyncIterable<ModelEvent> {
  let inputTokens = 0
  let outputTokens = 0
  let isCounted = false
  for (let choice = 0; choice < choices; choice += 1) {
    for await (const event of chosen.provider.stream(request, signal)) {
      if (event.type === 'usage') {
        inputTokens += event.inputTokens
        outputTokens += event.outputTokens
        isCounted = true
      } else yield { ...event, choice }
    }
  }
  if (isCounted) yield { type: 'usage', inputTokens, outputTokens }
}

const failures: Readonly<Record<ProviderFailureKind, { readonly code: ProblemCode; readonly detail: string }>> = {
  timeout: { code: 'provider-unavailable', detail: 'It did not answer in time. Your question is kept: try again, or choose another model.' },
  unavailable: { code: 'provider-unavailable', detail: 'It cannot be reached. Your question is kept: try again, or choose another model.' },
  'rate-limited': { code: 'provider-unavailable', detail: 'The provider asks to slow down. Wait a moment and try again, or choose another model.' },
  'rejected-credential': { code: 'provider-error', detail: 'The provider refused its key. Tell your administrator, or choose another model.' },
  'unknown-model': { code: 'model-not-found', detail: 'The provider does not offer this model. Choose another one.' },
  'refused-request': { code: 'provider-error', detail: 'The provider refused the request. Change it, or choose another model.' },
  'invalid-answer': { code: 'provider-error', detail: 'The provider sent something that is no answer. Try again, or choose another model.' },
  busy: { code: 'provider-unavailable', detail: 'Too many questions wait for it. Your question is kept: try again in a moment, or choose another model.' },
  'too-large': { code: 'provider-error', detail: 'The answer grew too long and was ended. Ask for less.' },
}

function toProblemOf(failure: ProviderFailure, model: string): ProblemError {
  const { code, detail } = failures[failure.kind]
  const { retryAfterSeconds } = failure
  return new ProblemError(code, { detail: `${model}: ${detail}`, cause: failure, ...(retryAfterSeconds !== undefined && { members: { retryAfterSeconds } }) })
}
