import type * as z from 'zod'
import type { ModerationCategory, ModerationPlace } from '../kernel/hazards.ts'
import type { EgressRequest, EgressResponse } from './egress.ts'

/** `categories` is empty for a clear text. What cannot be told is `unavailable`; policy decides what follows. */
export type ModerationAnswer = { readonly outcome: 'judged'; readonly categories: readonly ModerationCategory[] } | { readonly outcome: 'unavailable'; readonly cause: unknown }

/** Says which hazards a text shows. */
export interface Moderator {
  /** Never throws but for an abort: then the signal's reason. */
  moderate(text: string, place: ModerationPlace, signal: AbortSignal): Promise<ModerationAnswer>
}

export interface ModeratorDeps { readonly fetchConfigured: (request: EgressRequest) => Promise<EgressResponse> }
export interface ModeratorDescriptor<Config = unknown> {
  readonly id: string
  readonly title: string
  /** Whether text leaves this process, so that answers must wait for its word. */
  readonly remote: boolean
  readonly config: z.ZodType<Config>
  create(config: Config, deps: ModeratorDeps): Moderator
}
