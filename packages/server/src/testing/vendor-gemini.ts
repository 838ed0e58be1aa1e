import * as z from 'zod'
import type { FullChoice, FullScript, VendorWire } from './vendor-script.ts'

/** ai.google.dev/api/generate-content: what the endpoint takes. Unknown names are refused, as the vendor does. */
const part = z.union([
  z.strictObject({ text: z.string() }),
  z.strictObject({ functionCall: z.strictObject({ id: z.string().optional(), name: z.string().min(1), args: z.record(z.string(), z.unknown()) }), thoughtSignature: z.base64().or(z.base64url()).optional() }),
  z.strictObject({ functionResponse: z.strictObject({ id: z.string().optional(), name: z.string().min(1), response: z.record(z.string(), z.unknown()) }) }),
])
const bodySchema = z.strictObject({
  systemInstruction: z.strictObject({ parts: z.array(z.strictObject({ text: z.string().min(1) })).min(1) }).optional(),
  contents: z.array(z.strictObject({ role: z.enum(['user', 'model']), parts: z.array(part).min(1) })).min(1),
  tools: z.array(z.strictObject({ functionDeclarations: z.array(z.strictObject({ name: z.string().regex(/^[a-zA-Z_][\w.:-]{0,127}$/), description: z.string(), parametersJsonSchema: z.unknown().optional() })).min(1) })).optional(),
  toolConfig: z.strictObject({ functionCallingConfig: z.strictObject({ mode: z.enum(['AUTO', 'ANY', 'NONE']), allowedFunctionNames: z.array(z.string()).optional() }) }).optional(),
  generationConfig: z.strictObject({
    temperature: z.number().min(0).max(2), topP: z.number().min(0).max(1), maxOutputTokens: z.int().positive(), stopSequences: z.array(z.string()).max(5), seed: z.int(),
    presencePenalty: z.number(), frequencyPenalty: z.number(), thinkingConfig: z.strictObject({ thinkingBudget: z.int(), includeThoughts: z.boolean() }),
    responseMimeType: z.enum(['text/plain', 'application/json']), responseJsonSchema: z.unknown(),
  }).partial().optional(),
})

const finishReasons = { stop: 'STOP', length: 'MAX_TOKENS', 'tool-calls': 'STOP', 'content-filter': 'SAFETY' } as const
const toUsage = ({ usage, choices }: FullScript) => usage === null ? {} : {
  usageMetadata: {
    promptTokenCount: usage.inputTokens, candidatesTokenCount: usage.outputTokens - (choices[0]?.reasoning.length ?? 0), totalTokenCount: usage.inputTokens + usage.outputTokens,
    ...((choices[0]?.reasoning.length ?? 0) > 0 && { thoughtsTokenCount: choices[0]?.reasoning.length }), promptTokensDetails: [{ modality: 'TEXT', tokenCount: usage.inputTokens }],
  },
}
const partsOf = (choice: FullChoice): readonly Record<string, unknown>[] => [
  ...choice.reasoning.map((text) => ({ text, thought: true })),
  ...choice.text.map((text) => ({ text })),
  ...choice.toolCalls.map(({ id, name, argumentsText }, index) => ({ functionCall: { id, name, args: JSON.parse(argumentsText.join('') || '{}') as unknown }, ...(index === 0 && { thoughtSignature: 'CpcHAdHtim9' }) })),
]

function stream(script: FullScript, model: string): readonly string[] {
  const choice = script.choices[0]
  if (choice === undefined) return []
  const head = { modelVersion: model, responseId: 'aOcgaeWDBsiP_uMP' }
  const parts = partsOf(choice)
  // The vendor's lines end in CR LF.
  const frame = (value: unknown) => `data: ${JSON.stringify(value)}\r\n\r\n`
  const frames = parts.map((one) => frame({ candidates: [{ content: { parts: [one], role: 'model' }, index: 0 }], ...head, ...toUsage(script) }))
  if (choice.finish !== null) frames.push(frame({ candidates: [{ content: { parts: [{ text: '' }], role: 'model' }, finishReason: finishReasons[choice.finish], index: 0 }], ...head, ...toUsage(script) }))
  return frames
}

function whole(script: FullScript, model: string): unknown {
  const choice = script.choices[0]
  const finish = choice?.finish ?? null
  const parts = choice === undefined ? [] : [
    ...(choice.reasoning.length > 0 ? [{ text: choice.reasoning.join(''), thought: true }] : []),
    ...(choice.text.length > 0 ? [{ text: choice.text.join('') }] : []),
    ...partsOf({ ...choice, reasoning: [], text: [] }),
  ]
  return { candidates: [{ content: { parts, role: 'model' }, ...(finish !== null && { finishReason: finishReasons[finish] }), index: 0 }], modelVersion: model, responseId: 'aOcgaeWDBsiP_uMP', ...toUsage(script) }
}

const statuses: Readonly<Record<number, string>> = { 400: 'INVALID_ARGUMENT', 401: 'UNAUTHENTICATED', 403: 'PERMISSION_DENIED', 404: 'NOT_FOUND', 429: 'RESOURCE_EXHAUSTED', 500: 'INTERNAL', 503: 'UNAVAILABLE' }
const toError = (status: number, message: string) => ({
  error: {
    code: status, message, status: statuses[status] ?? 'INTERNAL',
    ...(status === 429 && { details: [{ '@type': 'type.googleapis.com/google.rpc.QuotaFailure', violations: [] }, { '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '6.8s' }] }),
  },
})

const METHOD = /^\/v1beta\/(?:models|tunedModels)\/([^/:]+):(generateContent|streamGenerateContent\?alt=sse)$/

export const vendorGemini: VendorWire = {
  streamType: 'text/event-stream',
  modelsPath: '/v1beta/models',
  readCredential: (headers) => headers['x-goog-api-key'] ?? '',
  readRequest(path, body) {
    const method = METHOD.exec(path)
    if (method === null) return null
    const read = bodySchema.safeParse(body)
    if (!read.success) return z.prettifyError(read.error)
    const texts = read.data.contents.filter(({ role }) => role === 'user').flatMap(({ parts }) => parts.flatMap((one) => ('text' in one ? [one.text] : [])))
    return { model: decodeURIComponent(method[1] ?? ''), streamed: method[2] !== 'generateContent', choices: 1, question: texts.at(-1) ?? '' }
  },
  stream, whole,
  error: toError,
  errorFrame: (message) => `data: ${JSON.stringify(toError(503, message))}\r\n\r\n`,
  unknownFrame: () => `event: execute\r\ndata: ${JSON.stringify({ clientContent: { execute: 'alert(1)' }, type: 'execute' })}\r\n\r\n`,
  models: (ids) => ({ models: [...ids.map((id) => ({ name: `models/${id}`, version: '001', displayName: `Gemini ${id}`, supportedGenerationMethods: ['generateContent', 'countTokens'] })), { name: 'models/an-embedder', displayName: 'Embedder', supportedGenerationMethods: ['embedContent'] }] }),
}
