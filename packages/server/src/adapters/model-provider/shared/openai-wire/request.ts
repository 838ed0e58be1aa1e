import type { ModelMessage, ModelOptions, ModelRequest, ToolDefinition } from '../../../../ports/model-provider.ts'

/** Where the speakers of OpenAI's chat completions differ. */
export interface Dialect {
  readonly maxOutputTokensName: 'max_tokens' | 'max_completion_tokens'
  readonly reasoning: (effort: string) => Readonly<Record<string, unknown>>
  /** Whether `stream_options.include_usage` is understood. */
  readonly countsInStreams: boolean
}

/** The body of `POST /chat/completions` (platform.openai.com/docs/api-reference/chat/create). Options that were not given are left to the vendor. */
export function toBody(request: ModelRequest, dialect: Dialect): string {
  return JSON.stringify({
    model: request.model,
    messages: request.messages.map(toMessage),
    ...(request.streamed && { stream: true, ...(dialect.countsInStreams && { stream_options: { include_usage: true } }) }),
    ...(request.choices > 1 && { n: request.choices }),
    ...(request.tools.length > 0 && toToolFields(request)),
    ...toOptionFields(request.options, dialect),
  })
}

function toMessage(message: ModelMessage) {
  switch (message.role) {
    case 'system': case 'user': return { role: message.role, content: message.text }
    case 'tool': return { role: 'tool', tool_call_id: message.toolCallId, content: message.text }
    case 'assistant': {
      if (message.toolCalls.length === 0) return { role: 'assistant', content: message.text }
      const toolCalls = message.toolCalls.map(({ id, name, argumentsText }) => ({ id, type: 'function', function: { name, arguments: argumentsText } }))
      return { role: 'assistant', content: message.text === '' ? null : message.text, tool_calls: toolCalls }
    }
  }
}

const toToolFields = ({ tools, toolChoice, options }: ModelRequest) => ({
  tools: tools.map(toTool),
  tool_choice: typeof toolChoice === 'string' ? toolChoice : { type: 'function', function: { name: toolChoice.name } },
  ...(options.parallelToolCalls !== undefined && { parallel_tool_calls: options.parallelToolCalls }),
})

const toTool = ({ name, description, parameters, strict }: ToolDefinition) => ({
  type: 'function',
  function: { name, ...(description !== undefined && { description }), ...(parameters !== undefined && { parameters }), ...(strict !== undefined && { strict }) },
})

const toOptionFields = (options: ModelOptions, dialect: Dialect) => ({
  ...(options.temperature !== undefined && { temperature: options.temperature }),
  ...(options.topP !== undefined && { top_p: options.topP }),
  ...(options.maxOutputTokens !== undefined && { [dialect.maxOutputTokensName]: options.maxOutputTokens }),
  ...(options.stop !== undefined && options.stop.length > 0 && { stop: options.stop }),
  ...(options.seed !== undefined && { seed: options.seed }),
  ...(options.presencePenalty !== undefined && { presence_penalty: options.presencePenalty }),
  ...(options.frequencyPenalty !== undefined && { frequency_penalty: options.frequencyPenalty }),
  ...(options.reasoningEffort !== undefined && dialect.reasoning(options.reasoningEffort)),
  ...(options.responseFormat !== undefined && { response_format: toResponseFormat(options.responseFormat) }),
})

function toResponseFormat(format: NonNullable<ModelOptions['responseFormat']>) {
  switch (format.type) {
    case 'text': return { type: 'text' }
    case 'json': return { type: 'json_object' }
    case 'json-schema': {
      const { name, description, schema, strict } = format
      return { type: 'json_schema', json_schema: { name, ...(description !== undefined && { description }), ...(schema !== undefined && { schema }), ...(strict !== undefined && { strict }) } }
    }
  }
}
