import type { FinishReason, ModelEvent, ModelMessage, ModelOptions, ModelRequest } from '../../../ports/model-provider.ts'
import { Answer } from '../shared/answer.ts'
import type { AnswerDecoder } from '../shared/call.ts'
import { failureInAnswer, type FailureContext, type FailureWords } from '../shared/failures.ts'
import { countAt, objectAt, objectsAt, parseObject, textAt, type JsonObject } from '../shared/json.ts'
import { joinTurns, systemTextOf, toArgumentsObject } from '../shared/messages.ts'

/** docs.claude.com/en/api/errors. */
export const anthropicWords: FailureWords = {
  invalid_request_error: 'refused-request', authentication_error: 'rejected-credential', permission_error: 'rejected-credential', billing_error: 'rejected-credential',
  not_found_error: 'unknown-model', request_too_large: 'refused-request', rate_limit_error: 'rate-limited', timeout_error: 'timeout',
  api_error: 'failed', overloaded_error: 'failed',
}

const efforts: Readonly<Record<string, string>> = { minimal: 'low', low: 'low', medium: 'medium', high: 'high', xhigh: 'xhigh', max: 'max' }

/** The body of `POST /v1/messages` (docs.claude.com/en/api/messages). The vendor has no seed and no penalties; they are left out. */
export function toBody(request: ModelRequest, defaultMaxOutputTokens: number): string {
  const { options } = request
  const system = [systemTextOf(request.messages), options.responseFormat?.type === 'json' ? 'Answer with one JSON object and nothing else.' : ''].filter((text) => text !== '').join('\n\n')
  return JSON.stringify({
    model: request.model,
    max_tokens: options.maxOutputTokens ?? defaultMaxOutputTokens,
    ...(system !== '' && { system }),
    messages: joinTurns(request.messages.map(toTurn)).map(({ role, parts }) => ({ role, content: parts })),
    ...(request.streamed && { stream: true }),
    ...(request.tools.length > 0 && toToolFields(request)),
    // Its range ends at 1, OpenAI's at 2; the newer models refuse both at once.
    ...(options.temperature !== undefined && { temperature: Math.min(options.temperature, 1) }),
    ...(options.topP !== undefined && options.temperature === undefined && { top_p: options.topP }),
    ...toStopField(options),
    ...toOutputField(options),
  })
}

const toStopField = ({ stop }: ModelOptions) => {
  const sequences = (stop ?? []).filter((sequence) => sequence.trim() !== '')
  return sequences.length > 0 ? { stop_sequences: sequences } : {}
}

function toOutputField({ reasoningEffort, responseFormat }: ModelOptions) {
  const effort = reasoningEffort === undefined ? undefined : efforts[reasoningEffort]
  const format = responseFormat?.type === 'json-schema' ? { type: 'json_schema', schema: responseFormat.schema ?? { type: 'object' } } : undefined
  return effort === undefined && format === undefined ? {} : { output_config: { ...(effort !== undefined && { effort }), ...(format !== undefined && { format }) } }
}

type Block = { readonly type: 'text'; readonly text: string } | { readonly type: 'tool_use'; readonly id: string; readonly name: string; readonly input: JsonObject }
  | { readonly type: 'tool_result'; readonly tool_use_id: string; readonly content: string }

const toTextBlocks = (text: string): readonly Block[] => (text.trim() === '' ? [] : [{ type: 'text', text }])

function toTurn(message: ModelMessage): { readonly role: 'user' | 'assistant'; readonly parts: readonly Block[] } {
  switch (message.role) {
    case 'system': return { role: 'user', parts: [] }
    case 'user': return { role: 'user', parts: toTextBlocks(message.text) }
    case 'tool': return { role: 'user', parts: [{ type: 'tool_result', tool_use_id: message.toolCallId, content: message.text }] }
    case 'assistant': return {
      role: 'assistant',
      // It refuses space at the end of what the assistant said last.
      parts: [...toTextBlocks(message.text.trimEnd()), ...message.toolCalls.map(({ id, name, argumentsText }): Block => ({ type: 'tool_use', id, name, input: toArgumentsObject(argumentsText) }))],
    }
  }
}

const choiceTypes = { auto: 'auto', none: 'none', required: 'any' } as const

function toToolFields({ tools, toolChoice, options }: ModelRequest) {
  const choice = typeof toolChoice === 'string' ? { type: choiceTypes[toolChoice] } : { type: 'tool', name: toolChoice.name }
  return {
    tools: tools.map(({ name, description, parameters, strict }) => ({
      name, ...(description !== undefined && { description }), input_schema: parameters ?? { type: 'object', properties: {} }, ...(strict !== undefined && { strict }),
    })),
    tool_choice: { ...choice, ...(options.parallelToolCalls === false && toolChoice !== 'none' && { disable_parallel_tool_use: true }) },
  }
}

const MAX_BLOCKS = 1_024
const stopReasons: Readonly<Record<string, FinishReason>> = {
  end_turn: 'stop', stop_sequence: 'stop', pause_turn: 'stop', max_tokens: 'length', model_context_window_exceeded: 'length', tool_use: 'tool-calls', refusal: 'content-filter',
}

/** Reads messages, whole and in events (docs.claude.com/en/docs/build-with-claude/streaming). Its guide asks to drop events of unknown types. */
export function createAnthropicDecoder(failures: FailureContext): AnswerDecoder {
  const answer = new Answer(1)
  const choice = answer.choice(0)
  let inputTokens: number | null = null
  const takeUsage = (usage: JsonObject | null) => {
    const input = countAt(usage, 'input_tokens')
    if (input !== null) inputTokens = input + (countAt(usage, 'cache_creation_input_tokens') ?? 0) + (countAt(usage, 'cache_read_input_tokens') ?? 0)
    answer.usage(inputTokens, countAt(usage, 'output_tokens'))
  }
  const takeStop = (holder: JsonObject | null, events: ModelEvent[]) => {
    const reason = holder === null ? '' : textAt(holder, 'stop_reason')
    if (reason !== '') choice?.finish(stopReasons[reason] ?? 'stop', events)
  }
  /** `index` tells the blocks of one message apart. */
  const takeBlock = (block: JsonObject, { index, streamed }: { readonly index: number; readonly streamed: boolean }, events: ModelEvent[]) => {
    switch (block['type']) {
      case 'text': choice?.text(textAt(block, 'text'), events); break
      case 'thinking': choice?.reasoning(textAt(block, 'thinking'), events); break
      case 'tool_use': {
        // In a stream the input is empty here and follows in pieces.
        const argumentsText = streamed ? '' : JSON.stringify(objectAt(block, 'input') ?? {})
        choice?.beginToolCall(index, { id: textAt(block, 'id'), name: textAt(block, 'name'), argumentsText }, events)
        break
      }
    }
  }
  const takeDelta = (delta: JsonObject, index: number, events: ModelEvent[]) => {
    switch (delta['type']) {
      case 'text_delta': choice?.text(textAt(delta, 'text'), events); break
      case 'thinking_delta': choice?.reasoning(textAt(delta, 'thinking'), events); break
      case 'input_json_delta': choice?.continueToolCall(index, textAt(delta, 'partial_json'), events); break
    }
  }
  return {
    frame(data, events) {
      const event = parseObject(data)
      const index = countAt(event, 'index') ?? 0
      switch (event['type']) {
        case 'message_start': takeUsage(objectAt(objectAt(event, 'message') ?? {}, 'usage')); return false
        case 'content_block_start': takeBlock(objectAt(event, 'content_block') ?? {}, { index, streamed: true }, events); return false
        case 'content_block_delta': takeDelta(objectAt(event, 'delta') ?? {}, index, events); return false
        case 'message_delta': takeUsage(objectAt(event, 'usage')); takeStop(objectAt(event, 'delta'), events); return false
        case 'message_stop': return true
        case 'error': throw failureInAnswer(event, failures)
        default: return false
      }
    },
    whole(message, events) {
      if (message['type'] === 'error') throw failureInAnswer(message, failures)
      for (const [index, block] of objectsAt(message, 'content', MAX_BLOCKS).entries()) takeBlock(block, { index, streamed: false }, events)
      takeUsage(objectAt(message, 'usage'))
      takeStop(message, events)
    },
    end: (events) => answer.end(events),
  }
}
