import * as z from 'zod'
import type { FullScript, VendorWire } from './vendor-script.ts'

/** docs.claude.com/en/api/messages: what the endpoint takes. */
const block = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('text'), text: z.string().regex(/\S/, 'text content blocks must be non-empty') }),
  z.strictObject({ type: z.literal('tool_use'), id: z.string().regex(/^[\w-]+$/), name: z.string().min(1), input: z.record(z.string(), z.unknown()) }),
  z.strictObject({ type: z.literal('tool_result'), tool_use_id: z.string().min(1), content: z.string() }),
])
const messageSchema = z.strictObject({ role: z.enum(['user', 'assistant']), content: z.array(block).min(1) })
const bodySchema = z.strictObject({
  model: z.string().min(1), max_tokens: z.int().positive(), system: z.string().min(1).optional(), messages: z.array(messageSchema).min(1), stream: z.boolean().optional(),
  tools: z.array(z.strictObject({ name: z.string().regex(/^[\w-]{1,128}$/), description: z.string().optional(), input_schema: z.looseObject({ type: z.literal('object') }), strict: z.boolean().optional() })).optional(),
  tool_choice: z.strictObject({ type: z.enum(['auto', 'any', 'tool', 'none']), name: z.string().optional(), disable_parallel_tool_use: z.boolean().optional() }).optional(),
  temperature: z.number().min(0).max(1).optional(), top_p: z.number().min(0).max(1).optional(), stop_sequences: z.array(z.string().regex(/\S/)).optional(),
  output_config: z.strictObject({ effort: z.enum(['low', 'medium', 'high', 'xhigh', 'max']).optional(), format: z.strictObject({ type: z.literal('json_schema'), schema: z.record(z.string(), z.unknown()) }).optional() }).optional(),
}).superRefine(({ messages }, context) => {
  for (const [index, { role, content }] of messages.entries()) {
    const before = messages[index - 1]
    if (before?.role === role) context.addIssue({ code: 'custom', message: 'messages: roles must alternate between "user" and "assistant"' })
    const results = new Set(content.flatMap((one) => (one.type === 'tool_result' ? [one.tool_use_id] : [])))
    const calls = before?.content.flatMap((one) => (one.type === 'tool_use' ? [one.id] : [])) ?? []
    if (role === 'user' && calls.some((id) => !results.has(id))) context.addIssue({ code: 'custom', message: '`tool_use` ids were found without `tool_result` blocks immediately after' })
  }
})

const ID = 'msg_01XFDUDYJgAACzvnptvVoYEL'
const stopReasons = { stop: 'end_turn', length: 'max_tokens', 'tool-calls': 'tool_use', 'content-filter': 'refusal' } as const
const named = (type: string, fields: Record<string, unknown>) => `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`

function stream({ choices, usage }: FullScript, model: string): readonly string[] {
  const choice = choices[0]
  if (choice === undefined) return []
  const start = { id: ID, type: 'message', role: 'assistant', model, content: [], stop_reason: null, stop_sequence: null }
  const frames = [named('message_start', { message: { ...start, ...(usage !== null && { usage: { input_tokens: usage.inputTokens, cache_creation_input_tokens: 0, cache_read_input_tokens: 0, output_tokens: 1, service_tier: 'standard' } }) } })]
  let index = 0
  const addBlock = (content: Record<string, unknown>, deltas: readonly Record<string, unknown>[]) => {
    frames.push(named('content_block_start', { index, content_block: content }), ...deltas.map((delta) => named('content_block_delta', { index, delta })), named('content_block_stop', { index }))
    index += 1
  }
  if (choice.reasoning.length > 0) addBlock({ type: 'thinking', thinking: '', signature: '' }, [...choice.reasoning.map((thinking) => ({ type: 'thinking_delta', thinking })), { type: 'signature_delta', signature: 'EqQBCgIYAhIM1gbcDa9GJwZA2b3hGgxBdjrkzLoky3dl1pk' }])
  frames.push(named('ping', {}))
  if (choice.text.length > 0) addBlock({ type: 'text', text: '' }, choice.text.map((text) => ({ type: 'text_delta', text })))
  for (const { id, name, argumentsText } of choice.toolCalls) addBlock({ type: 'tool_use', id, name, input: {} }, [{ type: 'input_json_delta', partial_json: '' }, ...argumentsText.map((piece) => ({ type: 'input_json_delta', partial_json: piece }))])
  if (choice.finish !== null) frames.push(named('message_delta', { delta: { stop_reason: stopReasons[choice.finish], stop_sequence: null }, ...(usage !== null && { usage: { output_tokens: usage.outputTokens } }) }))
  return [...frames, named('message_stop', {})]
}

function whole({ choices, usage }: FullScript, model: string): unknown {
  const choice = choices[0]
  const finish = choice?.finish ?? null
  return {
    id: ID, type: 'message', role: 'assistant', model, stop_reason: finish === null ? null : stopReasons[finish], stop_sequence: null,
    content: [
      ...(choice !== undefined && choice.reasoning.length > 0 ? [{ type: 'thinking', thinking: choice.reasoning.join(''), signature: 'EqQB' }] : []),
      ...(choice !== undefined && choice.text.length > 0 ? [{ type: 'text', text: choice.text.join('') }] : []),
      ...(choice?.toolCalls ?? []).map(({ id, name, argumentsText }) => ({ type: 'tool_use', id, name, input: JSON.parse(argumentsText.join('') || '{}') as unknown })),
    ],
    ...(usage !== null && { usage: { input_tokens: usage.inputTokens, cache_creation_input_tokens: 0, cache_read_input_tokens: 0, output_tokens: usage.outputTokens } }),
  }
}

const errorTypes: Readonly<Record<number, string>> = { 400: 'invalid_request_error', 401: 'authentication_error', 404: 'not_found_error', 429: 'rate_limit_error', 500: 'api_error', 529: 'overloaded_error' }

export const vendorAnthropic: VendorWire = {
  streamType: 'text/event-stream; charset=utf-8',
  modelsPath: '/v1/models',
  readCredential: (headers) => (headers['anthropic-version'] === '2023-06-01' ? headers['x-api-key'] ?? '' : ''),
  readRequest(path, body) {
    if (path !== '/v1/messages') return null
    const read = bodySchema.safeParse(body)
    if (!read.success) return z.prettifyError(read.error)
    const asked = read.data.messages.filter(({ role }) => role === 'user').at(-1)?.content.flatMap((one) => (one.type === 'text' ? [one.text] : [])) ?? []
    return { model: read.data.model, streamed: read.data.stream === true, choices: 1, question: asked.at(-1) ?? '' }
  },
  stream, whole,
  error: (status, message) => ({ type: 'error', error: { type: errorTypes[status] ?? 'api_error', message }, request_id: 'req_011CSHoEeqs5C35K2UUqR7Fy' }),
  errorFrame: (message) => named('error', { error: { type: 'overloaded_error', message } }),
  unknownFrame: () => named('client_execute', { index: 0, code: 'alert(1)', delta: { type: 'script_delta', text: 'alert(1)' } }),
  models: (ids) => ({ data: ids.map((id) => ({ type: 'model', id, display_name: `Claude ${id}`, created_at: '2025-11-21T00:00:00Z' })), has_more: false, first_id: ids[0] ?? null, last_id: ids.at(-1) ?? null }),
}
