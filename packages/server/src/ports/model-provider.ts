import type * as z from 'zod'
import type { EgressResponse, EgressRequest } from './egress.ts'

export interface ToolDefinition {
  readonly name: string
  readonly description?: string
  /** JSON Schema of the arguments. */
  readonly parameters?: Readonly<Record<string, unknown>>
  readonly strict?: boolean
}
export interface ToolCall { readonly id: string; readonly name: string; readonly argumentsText: string }

export type ModelMessage =
  | { readonly role: 'system' | 'user'; readonly text: string }
  | { readonly role: 'assistant'; readonly text: string; readonly toolCalls: readonly ToolCall[] }
  | { readonly role: 'tool'; readonly toolCallId: string; readonly text: string }

/** A piece of a document that was found for the question. `number` is how an answer cites it: `[1]`. */
export interface GroundingPassage { readonly number: number; readonly title: string; readonly heading: string; readonly text: string; readonly score: number }

export interface ModelOptions {
  readonly temperature?: number
  readonly topP?: number
  readonly maxOutputTokens?: number
  readonly stop?: readonly string[]
  readonly seed?: number
  readonly presencePenalty?: number
  readonly frequencyPenalty?: number
  readonly parallelToolCalls?: boolean
  readonly reasoningEffort?: string
  readonly responseFormat?: { readonly type: 'text' } | { readonly type: 'json' } | { readonly type: 'json-schema'; readonly name: string; readonly description?: string; readonly schema?: Readonly<Record<string, unknown>>; readonly strict?: boolean }
}

export interface ModelRequest {
  /** The vendor's own name of the model. */
  readonly model: string
  readonly messages: readonly ModelMessage[]
  readonly tools: readonly ToolDefinition[]
  readonly toolChoice: 'auto' | 'none' | 'required' | { readonly name: string }
  readonly options: ModelOptions
  /** How many answers; above one only where `capabilities.choices` holds. */
  readonly choices: number
  /** Whether to ask the vendor for a stream. The events are the same either way; a whole answer is cheaper where nobody watches. */
  readonly streamed: boolean
  /** Used only where `capabilities.grounding` holds; other models get passages inside the messages. */
  readonly passages: readonly GroundingPassage[]
  /** Sent to the vendor as `X-Request-Id`. */
  readonly correlationId: string
}

export type FinishReason = 'stop' | 'length' | 'tool-calls' | 'content-filter'
/** All text in an event is untrusted. `choice` counts from 0. An empty `text-delta` says that the model has begun, before its first word. */
export type ModelEvent =
  | { readonly type: 'text-delta'; readonly choice: number; readonly text: string }
  | { readonly type: 'reasoning-delta'; readonly choice: number; readonly text: string }
  /** `index` counts the tool calls of a choice from 0. `id` and `name` come with the first event of a call, and are never empty there. */
  | { readonly type: 'tool-call-delta'; readonly choice: number; readonly index: number; readonly id?: string; readonly name?: string; readonly argumentsText: string }
  | { readonly type: 'finish'; readonly choice: number; readonly reason: FinishReason }
  /** At most once, after the last finish. Absent when the vendor counted nothing. */
  | { readonly type: 'usage'; readonly inputTokens: number; readonly outputTokens: number }

export interface OfferedModel { readonly id: string; readonly name: string }

/** `unavailable`: it cannot be reached, or broke off; `failed`: it answered with an error of its own; `resting`: it is left alone for a while because it failed again and again. */
export type ProviderFailureKind =
  | 'timeout' | 'unavailable' | 'failed' | 'resting' | 'rate-limited' | 'rejected-credential' | 'unknown-model' | 'refused-request' | 'invalid-answer' | 'too-large' | 'busy'
/** What the vendor did wrong. `message` is for the log; it may hold vendor text and is never shown. */
export class ProviderFailure extends Error {
  override readonly name = 'ProviderFailure'
  readonly kind: ProviderFailureKind
  readonly retryAfterSeconds: number | undefined
  constructor(kind: ProviderFailureKind, message: string, options: { readonly cause?: unknown; readonly retryAfterSeconds?: number } = {}) {
    super(message, { cause: options.cause })
    this.kind = kind
    this.retryAfterSeconds = options.retryAfterSeconds
  }
}

/** A place that turns messages into words. */
export interface ModelProvider {
  /**
   * Streams one completion. Every choice ends with one `finish`. Ends normally when the model stops.
   * Throws `ProviderFailure` for anything the vendor did wrong, and the signal's reason when `signal` aborts;
   * in both cases the connection is released before the throw.
   */
  stream(request: ModelRequest, signal: AbortSignal): AsyncIterable<ModelEvent>
  /** The models that this provider offers now. Throws `ProviderFailure`. */
  listModels(signal: AbortSignal): Promise<readonly OfferedModel[]>
}

export interface ModelCapabilities {
  readonly tools: boolean
  /** Takes `choices` above one in one call. */
  readonly choices: boolean
  /** Answers from `passages` alone, with citations, and needs no vendor. */
  readonly grounding: boolean
  /** Whether text leaves this machine's operator. */
  readonly thirdParty: boolean
}

export interface ModelProviderDeps {
  /** Goes out through the one egress path, with its limits and address checks. */
  readonly fetchConfigured: (request: EgressRequest) => Promise<EgressResponse>
}

/** One vendor's wire. Add one: make a folder, add a line to `adapters/model-provider/index.ts`. */
export interface ModelProviderDescriptor<Config = unknown> {
  readonly id: string
  readonly title: string
  /** Null where an administrator must give the address. */
  readonly defaultBaseUrl: string | null
  readonly needsCredential: boolean
  readonly config: z.ZodType<Config>
  readonly capabilities: ModelCapabilities
  create(config: Config, deps: ModelProviderDeps): ModelProvider
}
