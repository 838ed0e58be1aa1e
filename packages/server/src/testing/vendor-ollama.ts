import * as z from 'zod'
import type { FullScript, VendorWire } from './vendor-script.ts'

/** docs.ollama.com/api/chat: what the endpoint takes. */
const bodySchema = z.strictObject({
  model: z.string().min(1), stream: z.boolean().optional(),
  messages: z.array(z.strictObject({
    role: z.enum(['system', 'user', 'assistant', 'tool']), content: z.string(), tool_name: z.string().optional(),
    tool_calls: z.array(z.strictObject({ function: z.strictObject({ name: z.string().min(1), arguments: z.record(z.string(), z.unknown()) }) })).optional(),
  })).min(1),
  tools: z.array(z.strictObject({ type: z.literal('function'), function: z.strictObject({ name: z.string().min(1), description: z.string(), parameters: z.record(z.string(), z.unknown()) }) })).optional(),
  think: z.union([z.boolean(), z.enum(['low', 'medium', 'high'])]).optional(),
  format: z.union([z.literal('json'), z.record(z.string(), z.unknown())]).optional(),
  options: z.strictObject({ temperature: z.number(), top_p: z.number(), num_predict: z.int(), stop: z.array(z.string()), seed: z.int(), presence_penalty: z.number(), frequency_penalty: z.number() }).partial().optional(),
})

const CREATED = '2026-11-21T08:00:00.123456789Z'
const line = (value: unknown) => `${JSON.stringify(value)}\n`

function partsOf({ choices }: FullScript, joined: boolean): readonly Record<string, unknown>[] {
  const choice = choices[0]
  if (choice === undefined) return []
  const toolCalls = choice.toolCalls.map(({ id, name, argumentsText }, index) => ({ id, function: { index, name, arguments: JSON.parse(argumentsText.join('') || '{}') as unknown } }))
  if (joined) return [{ role: 'assistant', content: choice.text.join(''), ...(choice.reasoning.length > 0 && { thinking: choice.reasoning.join('') }), ...(toolCalls.length > 0 && { tool_calls: toolCalls }) }]
  return [
    ...choice.reasoning.map((thinking) => ({ role: 'assistant', content: '', thinking })),
    ...choice.text.map((content) => ({ role: 'assistant', content })),
    ...toolCalls.map((call) => ({ role: 'assistant', content: '', tool_calls: [call] })),
  ]
}

function toEnd({ choices, usage }: FullScript) {
  const finish = choices[0]?.finish ?? null
  return finish === null ? { done: false } : {
    done: true, done_reason: finish === 'length' ? 'length' : 'stop', total_duration: 4_883_583_458, load_duration: 1_334_875, prompt_eval_duration: 342_546_000, eval_duration: 4_535_599_000,
    ...(usage !== null && { prompt_eval_count: usage.inputTokens, eval_count: usage.outputTokens }),
  }
}

export const vendorOllama: VendorWire = {
  streamType: 'application/x-ndjson',
  modelsPath: '/api/tags',
  readCredential: (headers) => /^Bearer (.+)$/.exec(headers['authorization'] ?? '')?.[1] ?? '',
  readRequest(path, body) {
    if (path !== '/api/chat') return null
    const read = bodySchema.safeParse(body)
    if (!read.success) return z.prettifyError(read.error)
    return { model: read.data.model, streamed: read.data.stream !== false, choices: 1, question: read.data.messages.filter(({ role }) => role === 'user').at(-1)?.content ?? '' }
  },
  stream: (script, model) => {
    const end = toEnd(script)
    return [
      ...partsOf(script, false).map((message) => line({ model, created_at: CREATED, message, done: false })),
      ...(end.done ? [line({ model, created_at: CREATED, message: { role: 'assistant', content: '' }, ...end })] : []),
    ]
  },
  whole: (script, model) => ({ model, created_at: CREATED, message: partsOf(script, true)[0], ...toEnd(script) }),
  error: (_status, message) => ({ error: message }),
  errorFrame: (message) => line({ error: message }),
  unknownFrame: () => line({ event: 'execute', code: 'alert(1)' }),
  models: (ids) => ({ models: ids.map((id) => ({ name: id, model: id, modified_at: CREATED, size: 3_338_801_804, digest: 'a2af6cc3eb7f', details: { format: 'gguf', family: 'gemma3', parameter_size: '4.3B', quantization_level: 'Q4_K_M' } })) }),
}
