/** One outbound call to a host that an administrator configured. */
export interface EgressRequest {
  readonly url: URL
  readonly method: 'GET' | 'POST'
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
  readonly signal: AbortSignal
}

export interface EgressResponse {
  readonly status: number
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>
  /** Must be read to its end, or left by `return()`: either releases the connection. Chunks as they arrive. */
  readonly body: AsyncIterable<Uint8Array>
}

export type EgressFailureKind = 'refused-address' | 'timeout' | 'unreachable' | 'too-large' | 'aborted'
/** The call never reached an answer. `message` is for the log. */
export class EgressFailure extends Error {
  override readonly name = 'EgressFailure'
  readonly kind: EgressFailureKind
  constructor(kind: EgressFailureKind, message: string, options: { readonly cause?: unknown } = {}) {
    super(message, { cause: options.cause })
    this.kind = kind
  }
}
