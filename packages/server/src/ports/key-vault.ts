import type * as z from 'zod'

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

/** One kind of vault. `open` makes a new key only when `mayCreate` holds, which is for an empty store alone. */
export interface KeyVaultDescriptor<Config = unknown> {
  readonly id: string
  readonly title: string
  readonly config: z.ZodType<Config>
  open(config: Config, mayCreate: boolean): Promise<KeyVault>
}
