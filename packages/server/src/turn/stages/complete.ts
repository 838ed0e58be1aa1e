import { ProblemError } from '../../kernel/problem.ts'
import { answerCharacters } from '../../policy/limits.ts'
import { ProviderFailure, type ModelEvent, type ModelRequest, type ProviderFailureKind } from '../../ports/model-provider.ts'
import type { ProblemCode } from '@sallyport/contract'
import type { Grounded, RawEvents } from '../turn.ts'

export interface CompleteDeps { readonly answerTokens: number }

/** Calls the model. Nothing happens until the first event is pulled. Throws `ProblemError`; on an abort, the signal's reason. */
export const complete = ({ answerTokens }: CompleteDeps) => async function* (turn: Grounded): RawEvents {
  const { chosen } = turn
  const request: ModelRequest = {
    model: chosen.vendorModel, messages: turn.messages, tools: turn.tools, toolChoice: turn.toolChoice, passages: turn.passages,
    options: { ...turn.options, maxOutputTokens: turn.options.maxOutputTokens ?? answerTokens },
    choices: chosen.capabilities.choices ? turn.choices : 1, streamed: turn.streamed, correlationId: turn.correlationId,
  }
  let characters = 0
  try {
    const events = turn.choices > 1 && !chosen.capabilities.choices ? manyChoices(turn, request) : chosen.provider.stream(request, turn.signal)
    for await (const event of events) {
      if ('text' in event) characters += event.text.length
      else if (event.type === 'tool-call-delta') characters += event.argumentsText.length
      if (characters > answerCharacters) throw new ProviderFailure('too-large', 'The answer is longer than any answer may be.')
      yield event
    }
  } catch (error) {
    turn.signal.throwIfAborted()
    throw error instanceof ProviderFailure ? toProblemOf(error, chosen.id) : error
  }
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
  'too-large': { code: 'provider-error', detail: 'The answer grew too long and was ended. Ask for less.' },
}

function toProblemOf(failure: ProviderFailure, model: string): ProblemError {
  const { code, detail } = failures[failure.kind]
  const { retryAfterSeconds } = failure
  return new ProblemError(code, { detail: `${model}: ${detail}`, cause: failure, ...(retryAfterSeconds !== undefined && { members: { retryAfterSeconds } }) })
}
