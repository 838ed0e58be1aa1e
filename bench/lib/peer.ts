/** A server that stands between a client and the fake upstream, started by the bench. */
export interface Peer {
  readonly name: string
  readonly version: string
  readonly pid: number
  readonly port: number
  /** What a client of it sends beside the common headers; names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  /** How a client of it names a model of the upstream. */
  model(name: string): string
  /** What it printed last, for a report of what went wrong. */
  output(): string
  stop(): Promise<void>
}

/** A folder of the bench's own for logs and data, and the upstream's port. */
export interface Surroundings { readonly folder: string; readonly upstreamPort: number }
