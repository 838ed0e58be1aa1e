import * as z from 'zod'
import { eventFrame, type FullChoice, type FullScript, type VendorWire } from './vendor-script.ts'

/** platform.openai.com/docs/api-reference/chat: what the endpoint takes. Unknown fields are refused, as the vendor does. */
const toolSchema = z.strictObject({ type: z.literal('function'), function: z.strictObject({ name: z.string().regex(/^[\w-]{1,64}$/), description: z.string().optional(), parameters: z.record(z.string(), z.unknown()).optional(), strict: z.boolean().optional() }) })
const callSchema = z.strictObject({ id: z.string().min(1), type: z.literal('function'), function: z.strictObject({ name: z.string().min(1), arguments: z.string() }) })
export const openAiMessage = z.discriminatedUnion('role', [
  z.strictObject({ role: z.literal('system'), content: z.string() }),
  z.strictObject({ role: z.literal('user'), content: z.string() }),
  z.strictObject({ role: z.literal('assistant'), content: z.string().nullable(), tool_calls: z.array(callSchema).min(1).optional() }),
  z.strictObject({ role: z.literal('tool'), tool_call_id: z.string().min(1), content: z.string() }),
])
export const openAiFields = {
  model: z.string().min(1), messages: z.array(openAiMessage).min(1),
  stream: z.boolean().optional(), stream_options: z.strictObject({ include_usage: z.boolean() }).optional(), n: z.int().min(1).max(128).optional(),
  tools: z.array(toolSchema).min(1).optional(), parallel_tool_calls: z.boolean().optional(),
  tool_choice: z.union([z.enum(['auto', 'none', 'required']), z.strictObject({ type: z.literal('function'), function: z.strictObject({ name: z.string() }) })]).optional(),
  temperature: z.number().min(0).max(2).optional(), top_p: z.number().min(0).max(1).optional(),
  stop: z.union([z.string(), z.array(z.string()).max(4)]).optional(), seed: z.int().optional(),
  presence_penalty: z.number().min(-2).max(2).optional(), frequency_penalty: z.number().min(-2).max(2).optional(),
  response_format: z.discriminatedUnion('type', [
    z.strictObject({ type: z.literal('text') }), z.strictObject({ type: z.literal('json_object') }),
    z.strictObject({ type: z.literal('json_schema'), json_schema: z.strictObject({ name: z.string(), description: z.string().optional(), schema: z.record(z.string(), z.unknown()).optional(), strict: z.boolean().optional() }) }),
  ]).optional(),
}
const bodySchema = z.strictObject({ ...openAiFields, max_completion_tokens: z.int().positive().optional(), reasoning_effort: z.enum(['none', 'minimal', 'low', 'medium', 'high', 'xhigh']).optional() })

const ID = 'chatcmpl-B9MBs8CjcvOU2jLn4n570S5qMJKcT'
const CREATED = 1_763_712_000
export const openAiFinish = { stop: 'stop', length: 'length', 'tool-calls': 'tool_calls', 'content-filter': 'content_filter' } as const
export const openAiUsage = (usage: FullScript['usage']) => usage === null ? null : {
  prompt_tokens: usage.inputTokens, completion_tokens: usage.outputTokens, total_tokens: usage.inputTokens + usage.outputTokens,
  prompt_tokens_details: { cached_tokens: 0, audio_tokens: 0 }, completion_tokens_details: { reasoning_tokens: 0, audio_tokens: 0, accepted_prediction_tokens: 0, rejected_prediction_tokens: 0 },
}

/** Reads what every speaker of chat completions takes. */
export function readOpenAiRequest(path: string, body: unknown, { prefix, schema }: { readonly prefix: string; readonly schema: z.ZodType<z.output<z.ZodObject<typeof openAiFields>>> }) {
  if (path !== `${prefix}/chat/completions`) return null
  const read = schema.safeParse(body)
  if (!read.success) return z.prettifyError(read.error)
  const users = read.data.messages.filter(({ role }) => role === 'user')
  return { model: read.data.model, streamed: read.data.stream === true, choices: read.data.n ?? 1, question: users.at(-1)?.content ?? '' }
}

const bearer = (headers: Readonly<Record<string, string>>) => /^Bearer (.+)$/.exec(headers['authorization'] ?? '')?.[1] ?? ''

export interface OpenAiFlavour { readonly reasoningField: string | null; readonly head?: readonly string[]; readonly extra?: Readonly<Record<string, unknown>>; readonly finishesWithUsage?: boolean }

/** The pieces of one choice, in the order in which the vendor streams them. */
function* deltasOf(choice: FullChoice, { reasoningField }: OpenAiFlavour): Generator<Record<string, unknown>> {
  yield { role: 'assistant', content: choice.toolCalls.length > 0 && choice.text.length === 0 ? null : '', refusal: null }
  if (reasoningField !== null) for (const piece of choice.reasoning) yield { [reasoningField]: piece }
  for (const piece of choice.text) yield { content: piece }
  for (const [index, call] of choice.toolCalls.entries()) {
    yield { tool_calls: [{ index, id: call.id, type: 'function', function: { name: call.name, arguments: '' } }] }
    for (const piece of call.argumentsText) yield { tool_calls: [{ index, function: { arguments: piece } }] }
  }
}

/** A stream of chat completion chunks, with the usage chunk and `[DONE]`. */
export function streamOpenAi({ choices, usage }: FullScript, model: string, flavour: OpenAiFlavour): readonly string[] {
  const chunk = (fields: Record<string, unknown>) => eventFrame({ id: ID, object: 'chat.completion.chunk', created: CREATED, model, service_tier: 'default', system_fingerprint: 'fp_b38e740b47', ...flavour.extra, ...fields })
  const frames = [...flavour.head ?? []]
  const usageField = usage === null ? {} : { usage: null }
  for (const [index, choice] of choices.entries()) {
    for (const delta of deltasOf(choice, flavour)) frames.push(chunk({ choices: [{ index, delta, logprobs: null, finish_reason: null }], ...usageField }))
    if (choice.finish !== null) frames.push(chunk({ choices: [{ index, delta: {}, logprobs: null, finish_reason: openAiFinish[choice.finish] }], ...usageField }))
  }
  if (usage !== null) frames.push(chunk({ choices: [], usage: openAiUsage(usage) }))
  return [...frames, 'data: [DONE]\n\n']
}

export function wholeOpenAi({ choices, usage }: FullScript, model: string, { reasoningField, extra }: OpenAiFlavour): unknown {
  return {
    id: ID, object: 'chat.completion', created: CREATED, model, ...extra,
    choices: choices.map((choice, index) => ({
      index, logprobs: null, ...(choice.finish !== null && { finish_reason: openAiFinish[choice.finish] }),
      message: {
        role: 'assistant', content: choice.toolCalls.length > 0 && choice.text.length === 0 ? null : choice.text.join(''), refusal: null, annotations: [],
        ...(reasoningField !== null && choice.reasoning.length > 0 && { [reasoningField]: choice.reasoning.join('') }),
        ...(choice.toolCalls.length > 0 && { tool_calls: choice.toolCalls.map(({ id, name, argumentsText }) => ({ id, type: 'function', function: { name, arguments: argumentsText.join('') } })) }),
      },
    })),
    ...(usage !== null && { usage: openAiUsage(usage) }),
  }
}

const errorTypes: Readonly<Record<number, readonly [type: string, code: string | null]>> = {
  400: ['invalid_request_error', null], 401: ['invalid_request_error', 'invalid_api_key'], 404: ['invalid_request_error', 'model_not_found'],
  429: ['requests', 'rate_limit_exceeded'], 500: ['server_error', null],
}
export const openAiError = (status: number, message: string) => {
  const [type, code] = errorTypes[status] ?? ['server_error', null]
  return { error: { message, type, param: null, code } }
}

const plain: OpenAiFlavour = { reasoningField: null }
export const vendorOpenAi: VendorWire = {
  streamType: 'text/event-stream; charset=utf-8',
  modelsPath: '/v1/models',
  readCredential: bearer,
  readRequest: (path, body) => readOpenAiRequest(path, body, { prefix: '/v1', schema: bodySchema }),
  stream: (script, model) => streamOpenAi(script, model, plain),
  whole: (script, model) => wholeOpenAi(script, model, plain),
  error: openAiError,
  errorFrame: (message) => eventFrame({ error: { message, type: 'server_error', param: null, code: null } }),
  unknownFrame: () => `event: execute\nid: 7\ndata: ${JSON.stringify({ object: 'client.event', type: 'execute', code: 'alert(1)', data: { type: 'chat:completion' } })}\n\n`,
  models: (ids) => ({ object: 'list', data: ids.map((id) => ({ id, object: 'model', created: CREATED, owned_by: 'system' })) }),
}

/** vLLM's and llama.cpp's form: `reasoning_content`, the older `max_tokens`. */
const compatibleBody = z.strictObject({ ...openAiFields, max_tokens: z.int().positive().optional(), reasoning_effort: z.string().optional() })
const compatible: OpenAiFlavour = { reasoningField: 'reasoning_content' }
export const vendorOpenAiCompatible: VendorWire = {
  ...vendorOpenAi,
  readRequest: (path, body) => readOpenAiRequest(path, body, { prefix: '/v1', schema: compatibleBody }),
  stream: (script, model) => streamOpenAi(script, model, compatible),
  whole: (script, model) => wholeOpenAi(script, model, compatible),
}
