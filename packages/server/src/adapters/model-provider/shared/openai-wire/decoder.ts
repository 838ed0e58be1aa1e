import type { FinishReason, ModelEvent } from '../../../../ports/model-provider.ts'
import { Answer, MAX_TOOL_CALLS, type Choice } from '../answer.ts'
import type { AnswerDecoder } from '../call.ts'
import { failureInAnswer, type FailureContext } from '../failures.ts'
import { countAt, invalidAnswer, isObject, objectAt, objectsAt, parseObject, textAt, type JsonObject } from '../json.ts'

const MAX_CHOICES = 128
const MAX_PARTS = 1_024
const finishReasons: Readonly<Record<string, FinishReason>> = { stop: 'stop', length: 'length', tool_calls: 'tool-calls', function_call: 'tool-calls', content_filter: 'content-filter' }

/** Reads chat completions, whole and in chunks. An object without `choices` is of a kind that we do not know, and is dropped. */
export function createOpenAiDecoder(choices: number, failures: FailureContext): AnswerDecoder {
  const answer = new Answer(choices)
  const take = (chunk: JsonObject, part: 'delta' | 'message', events: ModelEvent[]) => {
    if (chunk['error'] !== undefined && chunk['error'] !== null) throw failureInAnswer(chunk, failures)
    for (const piece of objectsAt(chunk, 'choices', MAX_CHOICES)) {
      const choice = answer.choice(countAt(piece, 'index') ?? 0)
      if (choice === null) continue
      const said = objectAt(piece, part)
      if (part === 'delta') choice.begin(events)
      if (said !== null) takeSaid(said, choice, events)
      const reason = textAt(piece, 'finish_reason')
      // OpenRouter ends a choice so when the vendor behind it fails.
      if (reason === 'error') throw failureInAnswer(piece, failures)
      if (reason !== '') choice.finish(finishReasons[reason] ?? 'stop', events)
    }
    const usage = objectAt(chunk, 'usage')
    if (usage !== null) answer.usage(countAt(usage, 'prompt_tokens'), countAt(usage, 'completion_tokens'))
  }
  return {
    frame(data, events) {
      if (data === '[DONE]') return true
      take(parseObject(data), 'delta', events)
      return false
    },
    whole: (body, events) => take(body, 'message', events),
    end: (events) => answer.end(events),
  }
}

function takeSaid(said: JsonObject, choice: Choice, events: ModelEvent[]): void {
  // DeepSeek, vLLM and others say reasoning_content, OpenRouter and newer vLLM say reasoning.
  choice.reasoning(textAt(said, 'reasoning_content') || textAt(said, 'reasoning'), events)
  choice.text(contentAt(said), events)
  choice.text(textAt(said, 'refusal'), events)
  for (const call of objectsAt(said, 'tool_calls', MAX_TOOL_CALLS)) takeToolCall(call, choice, events)
}

/** Text; or, from a few servers, a list of parts. */
function contentAt(said: JsonObject): string {
  const content = said['content']
  if (!Array.isArray(content)) return textAt(said, 'content')
  if (content.length > MAX_PARTS) throw invalidAnswer('too many parts of content')
  return content.map((part: unknown) => (isObject(part) && part['type'] === 'text' ? textAt(part, 'text') : '')).join('')
}

function takeToolCall(call: JsonObject, choice: Choice, events: ModelEvent[]): void {
  const called = objectAt(call, 'function')
  if (called === null) return
  const id = textAt(call, 'id')
  // Servers that send whole calls leave out the index, and then give each its id.
  const key = countAt(call, 'index') ?? id
  const argumentsText = textAt(called, 'arguments')
  if (choice.hasToolCall(key)) choice.continueToolCall(key, argumentsText, events)
  else choice.beginToolCall(key, { id, name: textAt(called, 'name'), argumentsText }, events)
}
