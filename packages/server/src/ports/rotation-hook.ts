import type * as z from 'zod'
import type { Secret } from '../kernel/secret.ts'

/** What a hook is asked for: a new key in the place of a version, or to let a version that is destroyed here end at the provider. */
export interface HookCall {
  readonly verb: 'rotate' | 'revoke'
  /** The provider's name here, and its address. */
  readonly provider: string
  readonly baseUrl: string
  /** The version that is replaced, or that is to end. */
  readonly keyId: string
  /** The version that the new key becomes if it is taken; null where none is asked for. */
  readonly newKeyId: string | null
}

/** Why a hook gave nothing: it may not be run as it lies there, it did not begin, took too long, said that it failed, or printed what is no key. */
export type HookFailure = 'unsafe-program' | 'not-started' | 'timed-out' | 'failed' | 'no-key'
/** The one line that it printed, or why there is none. After `unsafe-program` and `not-started` it has done nothing. */
export type HookOutcome = { readonly isDone: true; readonly line: Secret } | { readonly isDone: false; readonly reason: HookFailure }

/** Makes keys at providers, and lets them end there (SEC-7). */
export interface RotationHook {
  /** The providers that it does so for, each with the one origin to which its keys may go: a provider of that name at another is another's. */
  readonly origins: ReadonlyMap<string, string>
  /** How long a run takes at most. */
  readonly seconds: number
  /** Runs to its end, and is ended after `seconds` with all that it began and that did not detach itself. Never throws. */
  run(call: HookCall, signal: AbortSignal): Promise<HookOutcome>
}

/** One kind of hook. */
export interface RotationHookDescriptor<Config = unknown> {
  readonly id: string
  readonly title: string
  readonly config: z.ZodType<Config>
  create(config: Config): RotationHook
}
