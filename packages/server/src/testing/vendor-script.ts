/** What a vendor's model is to say, in no vendor's words. */
export interface VendorToolCall { readonly id: string; readonly name: string; readonly argumentsText: readonly string[] }
export type VendorFinish = 'stop' | 'length' | 'tool-calls' | 'content-filter'
export interface VendorChoice {
  readonly reasoning?: readonly string[]
  /** The pieces in which it is streamed. */
  readonly text?: readonly string[]
  readonly toolCalls?: readonly VendorToolCall[]
  /** Null leaves it out, as a liar does. */
  readonly finish?: VendorFinish | null
}
export interface VendorScript extends VendorChoice {
  /** Further choices, where more than one was asked for. */
  readonly more?: readonly VendorChoice[]
  /** Null counts nothing. */
  readonly usage?: { readonly inputTokens: number; readonly outputTokens: number } | null
}

export interface VendorUsage { readonly inputTokens: number; readonly outputTokens: number }
export interface FullChoice { readonly reasoning: readonly string[]; readonly text: readonly string[]; readonly toolCalls: readonly VendorToolCall[]; readonly finish: VendorFinish | null }
export interface FullScript { readonly choices: readonly FullChoice[]; readonly usage: VendorUsage | null }

const completeChoice = (choice: VendorChoice): FullChoice => ({
  reasoning: choice.reasoning ?? [], text: choice.text ?? [], toolCalls: choice.toolCalls ?? [],
  finish: choice.finish === undefined ? (choice.toolCalls?.length ?? 0) > 0 ? 'tool-calls' : 'stop' : choice.finish,
})

/** Fills in what a script leaves out: a fitting finish, one token for each piece. */
export function completeScript(script: VendorScript, choices = 1): FullScript {
  const all = [script, ...script.more ?? []]
  const wanted = Array.from({ length: choices }, (_, number) => completeChoice(all[number % all.length] ?? script))
  const pieces = wanted.reduce((sum, choice) => sum + choice.text.length + choice.reasoning.length + choice.toolCalls.length, 0)
  return { choices: wanted, usage: script.usage === undefined ? { inputTokens: 12, outputTokens: pieces } : script.usage }
}

/** A call that came in, as far as every vendor's can be read alike. */
export interface VendorRequest {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: unknown
  readonly model: string
  readonly streamed: boolean
  readonly choices: number
  /** The text of the last message that the user wrote. */
  readonly question: string
}

/** Days on which a vendor misbehaves. `key` days answer as if the credential were wrong, and quote it. */
export type BadDay =
  | 'hang' | 'hang-midway' | 'reset' | 'reset-midway' | 'half-a-chunk' | 'wrong-json' | 'wrong-shape' | 'huge-frame' | 'endless'
  | 'unauthorised' | 'rate-limited' | 'server-error' | 'server-error-html' | 'unknown-model' | 'error-midway' | 'wrong-type' | 'missing-finish'
  | 'unknown-events' | 'redirect' | 'compressed' | 'not-http'

/** One vendor's wire, from its documentation. */
export interface VendorWire {
  readonly streamType: string
  /** How the list of models is asked for. */
  readonly modelsPath: string
  /** The credential in a request; empty when it has none. */
  readCredential(headers: Readonly<Record<string, string>>): string
  /** Null when the request is not a completion that this vendor would take. The string says why. */
  readRequest(path: string, body: unknown): Omit<VendorRequest, 'method' | 'path' | 'headers' | 'body'> | string | null
  /** The frames of a stream, each as it goes over the wire. */
  stream(script: FullScript, model: string): readonly string[]
  whole(script: FullScript, model: string): unknown
  /** The body of an error answer. */
  error(status: number, message: string): unknown
  /** An error in the middle of a stream. */
  errorFrame(message: string): string
  /** A well-formed frame of a kind that does not exist. */
  unknownFrame(): string
  models(ids: readonly string[]): unknown
}

export const eventFrame = (data: unknown): string => `data: ${JSON.stringify(data)}\n\n`
