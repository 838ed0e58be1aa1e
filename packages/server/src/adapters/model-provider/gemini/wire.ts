import type { FinishReason, ModelEvent, ModelMessage, ModelOptions, ModelRequest } from '../../../ports/model-provider.ts'
import { Answer, MAX_TOOL_CALLS, type Choice } from '../shared/answer.ts'
import type { AnswerDecoder } from '../shared/call.ts'
import { failureInAnswer, type FailureContext, type FailureWords } from '../shared/failures.ts'
import { countAt, invalidAnswer, objectAt, objectsAt, parseObject, textAt, type JsonObject } from '../shared/json.ts'
import { joinTurns, systemTextOf, toArgumentsObject, toolNamesOf } from '../shared/messages.ts'

/** google.rpc.Code by name, and the reason that says that a 400 is about the key. */
export const geminiWords: FailureWords = {
  API_KEY_INVALID: 'rejected-credential', UNAUTHENTICATED: 'rejected-credential', PERMISSION_DENIED: 'rejected-credential', NOT_FOUND: 'unknown-model',
  RESOURCE_EXHAUSTED: 'rate-limited', INVALID_ARGUMENT: 'refused-request', FAILED_PRECONDITION: 'refused-request', OUT_OF_RANGE: 'refused-request',
  DEADLINE_EXCEEDED: 'timeout', INTERNAL: 'failed', UNAVAILABLE: 'failed',
}

/** The path of a model's method. Each part of the name is escaped, so that a name cannot lead elsewhere. */
export function modelPath(model: string, method: string): string {
  const name = model.includes('/') ? model : `models/${model}`
  // A part of dots alone would be resolved away; with its dots escaped it still would (WHATWG URL), so it is made unknown instead.
  const parts = name.split('/').map((part) => (/^\.*$/.test(part) ? '_' : encodeURIComponent(part)))
  return `/${parts.join('/')}:${method}`
}

/** The body of `generateContent` (ai.google.dev/api/generate-content). */
export function toBody(request: ModelRequest): string {
  const system = systemTextOf(request.messages)
  const names = toolNamesOf(request.messages)
  const signed = needsSignature(request.model)
  return JSON.stringify({
    ...(system !== '' && { systemInstruction: { parts: [{ text: system }] } }),
    contents: joinTurns(request.messages.map((message) => toTurn(message, { names, signed }))),
    ...(request.tools.length > 0 && toToolFields(request)),
    generationConfig: toGenerationConfig(request.options),
  })
}

/** From the third generation on the vendor refuses a call of its own that comes back unsigned. Its signatures are not kept, and it documents this in their stead. */
const needsSignature = (model: string) => !/(^|\/)(gemini-[12]|gemma)/.test(model)
const STAND_IN_SIGNATURE = 'skip_thought_signature_validator'

type Part = Readonly<Record<string, unknown>>
interface TurnContext { readonly names: ReadonlyMap<string, string>; readonly signed: boolean }

function toTurn(message: ModelMessage, { names, signed }: TurnContext): { readonly role: 'user' | 'model'; readonly parts: readonly Part[] } {
  switch (message.role) {
    case 'system': return { role: 'user', parts: [] }
    case 'user': return { role: 'user', parts: message.text === '' ? [] : [{ text: message.text }] }
    case 'tool': return { role: 'user', parts: [{ functionResponse: { id: message.toolCallId, name: names.get(message.toolCallId) ?? 'unknown', response: { content: message.text } } }] }
    case 'assistant': return {
      role: 'model',
      parts: [
        ...(message.text === '' ? [] : [{ text: message.text }]),
        ...message.toolCalls.map(({ id, name, argumentsText }) => ({ functionCall: { id, name, args: toArgumentsObject(argumentsText) }, ...(signed && { thoughtSignature: STAND_IN_SIGNATURE }) })),
      ],
    }
  }
}

const modes = { auto: 'AUTO', none: 'NONE', required: 'ANY' } as const

function toToolFields({ tools, toolChoice }: ModelRequest) {
  const functionCallingConfig = typeof toolChoice === 'string' ? { mode: modes[toolChoice] } : { mode: 'ANY', allowedFunctionNames: [toolChoice.name] }
  const functionDeclarations = tools.map(({ name, description, parameters }) => ({ name, description: description ?? '', ...(parameters !== undefined && { parametersJsonSchema: parameters }) }))
  return { tools: [{ functionDeclarations }], toolConfig: { functionCallingConfig } }
}

/** The budgets that the vendor's own OpenAI endpoint takes for these words (ai.google.dev/gemini-api/docs/openai). */
const thinkingBudgets: Readonly<Record<string, number>> = { none: 0, minimal: 1_024, low: 1_024, medium: 8_192, high: 24_576, xhigh: 24_576 }

function toGenerationConfig(options: ModelOptions) {
  const thinkingBudget = options.reasoningEffort === undefined ? undefined : thinkingBudgets[options.reasoningEffort]
  const format = options.responseFormat
  return {
    ...(options.temperature !== undefined && { temperature: options.temperature }),
    ...(options.topP !== undefined && { topP: options.topP }),
    ...(options.maxOutputTokens !== undefined && { maxOutputTokens: options.maxOutputTokens }),
    ...(options.stop !== undefined && options.stop.length > 0 && { stopSequences: options.stop }),
    ...(options.seed !== undefined && { seed: options.seed }),
    ...(options.presencePenalty !== undefined && { presencePenalty: options.presencePenalty }),
    ...(options.frequencyPenalty !== undefined && { frequencyPenalty: options.frequencyPenalty }),
    ...(thinkingBudget !== undefined && { thinkingConfig: { thinkingBudget, includeThoughts: thinkingBudget > 0 } }),
    ...(format !== undefined && format.type !== 'text' && { responseMimeType: 'application/json' }),
    ...(format?.type === 'json-schema' && format.schema !== undefined && { responseJsonSchema: format.schema }),
  }
}

const MAX_CANDIDATES = 64
const MAX_PARTS = 4_096
const finishReasons: Readonly<Record<string, FinishReason>> = {
  MAX_TOKENS: 'length', SAFETY: 'content-filter', RECITATION: 'content-filter', BLOCKLIST: 'content-filter', PROHIBITED_CONTENT: 'content-filter',
  SPII: 'content-filter', IMAGE_SAFETY: 'content-filter',
}
const FAILED_CALLS: ReadonlySet<string> = new Set(['MALFORMED_FUNCTION_CALL', 'UNEXPECTED_TOOL_CALL', 'TOO_MANY_TOOL_CALLS'])

/** Reads responses, whole and in a stream. The vendor may name a finish and still go on, and marks no end: the finish waits for the last byte. */
export function createGeminiDecoder(failures: FailureContext): AnswerDecoder {
  const answer = new Answer(1)
  const choice = answer.choice(0)
  let reason = ''
  let calls = 0
  const takeParts = (parts: readonly JsonObject[], into: Choice, events: ModelEvent[]) => {
    for (const part of parts) {
      const text = textAt(part, 'text')
      if (part['thought'] === true) into.reasoning(text, events)
      else into.text(text, events)
      const call = objectAt(part, 'functionCall')
      if (call === null) continue
      calls += 1
      if (calls > MAX_TOOL_CALLS) throw invalidAnswer('too many tool calls')
      into.beginToolCall(calls, { id: textAt(call, 'id'), name: textAt(call, 'name'), argumentsText: JSON.stringify(objectAt(call, 'args') ?? {}) }, events)
    }
  }
  const take = (response: JsonObject, events: ModelEvent[]) => {
    if (objectAt(response, 'error') !== null) throw failureInAnswer(response, failures)
    for (const candidate of objectsAt(response, 'candidates', MAX_CANDIDATES)) {
      if (choice === null || (countAt(candidate, 'index') ?? 0) !== 0) continue
      takeParts(objectsAt(objectAt(candidate, 'content') ?? {}, 'parts', MAX_PARTS), choice, events)
      reason = textAt(candidate, 'finishReason') || reason
    }
    if (textAt(objectAt(response, 'promptFeedback') ?? {}, 'blockReason') !== '') reason = 'PROHIBITED_CONTENT'
    takeUsage(objectAt(response, 'usageMetadata'))
  }
  const takeUsage = (usage: JsonObject | null) => {
    const prompt = countAt(usage, 'promptTokenCount')
    const candidates = countAt(usage, 'candidatesTokenCount')
    const thoughts = countAt(usage, 'thoughtsTokenCount')
    answer.usage(prompt === null ? null : prompt + (countAt(usage, 'toolUsePromptTokenCount') ?? 0), candidates === null && thoughts === null ? null : (candidates ?? 0) + (thoughts ?? 0))
  }
  return {
    frame(data, events) { take(parseObject(data), events); return false },
    whole: take,
    end(events) {
      if (FAILED_CALLS.has(reason)) throw invalidAnswer('the model called a tool wrongly')
      if (reason !== '') choice?.finish(finishReasons[reason] ?? (choice.hasToolCalls ? 'tool-calls' : 'stop'), events)
      answer.end(events)
    },
  }
}
