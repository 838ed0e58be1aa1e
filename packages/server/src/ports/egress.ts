/** One outbound call to a host that an administrator configured. */
export interface EgressRequest {
  readonly url: URL
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** Lower-case names. Those that carry a credential do not follow a redirect to another origin. */
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array
  /** The other side sends nothing before its whole answer is made, so the first byte may take as long as that. */
  readonly awaitsWhole?: boolean
  readonly signal: AbortSignal
}

/** Read by one reader: the next chunk is asked for when the last one has come. */
export interface EgressBody extends AsyncIterableIterator<Uint8Array> {
  /** Leaves: what little is still under way is waited for (a quarter of a second), so that the connection can serve again; then it is closed. */
  return(): Promise<IteratorResult<Uint8Array>>
  /** Closes the connection at once. */
  throw(): Promise<IteratorResult<Uint8Array>>
}

export interface EgressResponse {
  readonly status: number
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>
  /**
   * Chunks as they arrive; a slow reader slows the sender. Must be read to its end, or left by `return()` or `throw()`: each releases
   * the connection. Throws `EgressFailure` when the answer breaks off.
   */
  readonly body: EgressBody
}

/**
 * `refused-address`: not listed, not public, or a redirect that policy does not follow; nothing was sent there.
 * `unreachable`: no connection, or one that broke. `aborted`: the signal; its reason is the `cause`.
 */
export type EgressFailureKind = 'refused-address' | 'timeout' | 'unreachable' | 'too-large' | 'aborted'
/** The call never reached an answer, or not its end. `message` is for the log; it names the origin and never a path, header or body. */
export class EgressFailure extends Error {
  override readonly name = 'EgressFailure'
  readonly kind: EgressFailureKind
  constructor(kind: EgressFailureKind, message: string, options: { readonly cause?: unknown } = {}) {
    super(message, { cause: options.cause })
    this.kind = kind
  }
}
