import type { HumanCheckOffer } from '@sallyport/contract'
import type * as z from 'zod'
import type { EgressRequest, EgressResponse } from './egress.ts'

/** What one check is for. A solution is good for this and for nothing else. */
export interface HumanCheckPurpose {
  /** The operation, in letters. */
  readonly action: string
  /** At most 64 characters that stand for the operation and for whoever calls it. */
  readonly bound: string
}

/**
 * `human` names the solution: whoever asks must take each `id` once, for one that was solved can be sent again. `stale`: it was good and came too
 * late. What cannot be told is `unavailable`; policy decides what follows.
 */
export type HumanVerdict =
  | { readonly outcome: 'human'; readonly id: string }
  | { readonly outcome: 'robot' | 'stale' }
  | { readonly outcome: 'unavailable'; readonly cause: unknown }

/** Tells people from programs, or makes programs pay. */
export interface HumanCheck {
  /** What a caller has to do, now. `counters` is how much work, where the check is work. Throws nothing. */
  offer(purpose: HumanCheckPurpose, counters: number): Promise<HumanCheckOffer>
  /** Judges what a caller sent, whatever that is. Never throws. */
  judge(answer: string, purpose: HumanCheckPurpose): Promise<HumanVerdict>
}

/** A key for one thing alone, in hexadecimal. */
export type DeriveKey = (purpose: string) => string
export interface HumanCheckDeps {
  readonly fetchConfigured: (request: EgressRequest) => Promise<EgressResponse>
  readonly deriveKey: DeriveKey
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /** How long an offer holds. */
  readonly lifeSeconds: number
}
/** Origins whose frames the page may show while a kind of check is chosen; none for one that is all ours. */
export interface ForeignContent { readonly frames: readonly string[] }

export interface HumanCheckDescriptor<Config = unknown> {
  readonly id: string
  readonly title: string
  readonly config: z.ZodType<Config>
  /** Where the check asks for a verdict; null where it asks nobody. */
  asks(config: Config): URL | null
  foreign(config: Config): ForeignContent
  create(config: Config, deps: HumanCheckDeps): HumanCheck
}
