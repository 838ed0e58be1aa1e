import type { ModelEvent, ModelMessage, ModelOptions, ModelRequest } from '../../../ports/model-provider.ts'
import { Answer, MAX_TOOL_CALLS } from '../shared/answer.ts'
import type { AnswerDecoder } from '../shared/call.ts'
import { failureInAnswer, type FailureContext } from '../shared/failures.ts'
import { countAt, objectAt, objectsAt, parseObject, textAt, type JsonObject } from '../shared/json.ts'
import { toArgumentsObject, toolNamesOf } from '../shared/messages.ts'

/** The body of `POST /api/chat` (docs.ollama.com/api/chat). It knows no choice of tool: where none may be called, none is named. */
export function toBody(request: ModelRequest): string {
  const { options } = request
  const names = toolNamesOf(request.messages)
  const think = options.reasoningEffort === undefined ? undefined : efforts[options.reasoningEffort]
  return JSON.stringify({
    model: request.model,
    messages: request.messages.map((message) => toMessage(message, names)),
    stream: request.streamed,
    ...(request.tools.length > 0 && request.toolChoice !== 'none' && { tools: request.tools.map(({ name, description, parameters }) => ({
      type: 'function', function: { name, description: description ?? '', parameters: parameters ?? { type: 'object', properties: {} } },
    })) }),
    ...(think !== undefined && { think }),
    ...toFormatField(options),
    options: toModelOptions(options),
  })
}

const efforts: Readonly<Record<string, string | boolean>> = { none: false, minimal: 'low', low: 'low', medium: 'medium', high: 'high', xhigh: 'high' }

function toFormatField({ responseFormat }: ModelOptions) {
  if (responseFormat === undefined || responseFormat.type === 'text') return {}
  return { format: responseFormat.type === 'json-schema' && responseFormat.schema !== undefined ? responseFormat.schema : 'json' }
}

const toModelOptions = (options: ModelOptions) => ({
  ...(options.temperature !== undefined && { temperature: options.temperature }),
  ...(options.topP !== undefined && { top_p: options.topP }),
  ...(options.maxOutputTokens !== undefined && { num_predict: options.maxOutputTokens }),
  ...(options.stop !== undefined && options.stop.length > 0 && { stop: options.stop }),
  ...(options.seed !== undefined && { seed: options.seed }),
  ...(options.presencePenalty !== undefined && { presence_penalty: options.presencePenalty }),
  ...(options.frequencyPenalty !== undefined && { frequency_penalty: options.frequencyPenalty }),
})

function toMessage(message: ModelMessage, names: ReadonlyMap<string, string>) {
  switch (message.role) {
    case 'system': case 'user': return { role: message.role, content: message.text }
    case 'tool': return { role: 'tool', content: message.text, tool_name: names.get(message.toolCallId) ?? 'unknown' }
    case 'assistant': return {
      role: 'assistant', content: message.text,
      ...(message.toolCalls.length > 0 && { tool_calls: message.toolCalls.map(({ name, argumentsText }) => ({ function: { name, arguments: toArgumentsObject(argumentsText) } })) }),
    }
  }
}

/** Reads chat objects, one whole or one a line. */
export function createOllamaDecoder(failures: FailureContext): AnswerDecoder {
  const answer = new Answer(1)
  const choice = answer.choice(0)
  let calls = 0
  const take = (line: JsonObject, events: ModelEvent[]): boolean => {
    if (line['error'] !== undefined) throw failureInAnswer(line, failures)
    const message = objectAt(line, 'message')
    if (message !== null) {
      choice?.reasoning(textAt(message, 'thinking'), events)
      choice?.text(textAt(message, 'content'), events)
      for (const call of objectsAt(message, 'tool_calls', MAX_TOOL_CALLS)) {
        const called = objectAt(call, 'function')
        if (called === null) continue
        calls += 1
        choice?.beginToolCall(calls, { id: textAt(call, 'id'), name: textAt(called, 'name'), argumentsText: JSON.stringify(objectAt(called, 'arguments') ?? {}) }, events)
      }
    }
    if (line['done'] !== true) return false
    choice?.finish(textAt(line, 'done_reason') === 'length' ? 'length' : choice.hasToolCalls ? 'tool-calls' : 'stop', events)
    answer.usage(countAt(line, 'prompt_eval_count'), countAt(line, 'eval_count'))
    return true
  }
  return {
    frame: (data, events) => take(parseObject(data), events),
    whole: (body, events) => { take(body, events) },
    end: (events) => answer.end(events),
  }
}
