import type * as z from 'zod'
import type { Secret } from '../kernel/secret.ts'
import type { EgressRequest, EgressResponse } from './egress.ts'

/** Where a secret is kept in a service: the name that it has there, and the field of it that is meant. */
export interface SecretPlace { readonly name: string; readonly field: string | null }

/** Reads secrets out of a service that keeps them, once at the start. */
export interface SecretSource {
  /** Null where nothing is kept there, or has no such field. Throws `SecretSourceFailure` where the service does not answer or refuses. */
  read(place: SecretPlace): Promise<Secret | null>
}

/** The service cannot be used. `message` says why and what to do; it is printed at the start, and holds no secret. */
export class SecretSourceFailure extends Error {
  override readonly name = 'SecretSourceFailure'
}

/** The way out to the one host that the adapter's settings name. */
export interface SecretSourceDeps { readonly fetchConfigured: (request: EgressRequest) => Promise<EgressResponse> }

export interface SecretSourceDescriptor<Config = unknown> {
  /** References to it begin with this and a colon. */
  readonly id: string
  readonly title: string
  readonly config: z.ZodType<Config>
  create(config: Config, deps: SecretSourceDeps): SecretSource
}
