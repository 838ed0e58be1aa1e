import type { DetectorType } from './detectors/registry.ts'

/** Where a text comes from; policy differs by it. */
export type Surface = 'user' | 'retrieved' | 'tool' | 'model'

/** What is done about a finding. */
export type Action = 'allow' | 'warn' | 'mask' | 'pseudonymise' | 'drop' | 'challenge' | 'block'

/** Something seen in a text: `text.slice(start, end)` of the original, in UTF-16 code units. Carries no value, so that it can be logged. */
export interface Finding {
  readonly type: DetectorType
  readonly start: number
  readonly end: number
  readonly confidence: number
  readonly reason: string
}

export interface InspectOptions {
  /** A word planted in the system prompt; finding it in an answer means that the prompt leaks. */
  readonly canary?: string
  /** The detectors that are on; all but the `recognisers` when absent. */
  readonly types?: ReadonlySet<DetectorType>
}
