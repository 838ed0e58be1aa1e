import type * as z from 'zod'
import type { EgressRequest, EgressResponse } from './egress.ts'

/** Holds the key-encryption key, and never gives it away (SEC-4). */
export interface KeyVault {
  /** Recorded in the store, so that another vault or key is recognised before anything is opened. */
  readonly keyId: string
  /** Wraps a data key. `context` is bound to the result: unwrapping with another one fails. */
  wrap(key: Uint8Array, context: string): Promise<Uint8Array>
  /** Throws `VaultFailure` when the wrapped key was altered, moved to another context, or made with another key. */
  unwrap(wrapped: Uint8Array, context: string): Promise<Uint8Array>
}

/** The vault cannot be used. `message` says which key was expected where, and what to do; it is printed at start. */
export class VaultFailure extends Error {
  override readonly name = 'VaultFailure'
}

/** What an adapter is given beside its settings. */
export interface VaultOpening {
  /** The key that the store recorded; null for an empty store, for which alone a new key may be made. */
  readonly keyId: string | null
  /** The way out to the one host that the adapter's settings name. */
  readonly fetchConfigured: (request: EgressRequest) => Promise<EgressResponse>
}

/** One kind of vault. */
export interface KeyVaultDescriptor<Config = unknown> {
  readonly id: string
  readonly title: string
  readonly config: z.ZodType<Config>
  open(config: Config, opening: VaultOpening): Promise<KeyVault>
}
