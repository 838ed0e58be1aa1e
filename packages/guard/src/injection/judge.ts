import { fold, type Folded } from '../core/fold.ts'
import { type InjectionScore, scoreInjection } from './score.ts'
import { readWeights, type WrittenWeights } from './weights-code.ts'
import written from './weights.json' with { type: 'json' }

/** How surely a text attacks the model's instructions, each at a stated rate of false alarms (`weights.md`). */
export const injectionTypes = ['injection-certain', 'injection-likely', 'injection-hint'] as const
export type InjectionType = (typeof injectionTypes)[number]

const model: WrittenWeights = written
const weights = readWeights(model)

export interface InjectionJudgement extends InjectionScore {
  /** Null when the score is below every threshold. */
  readonly type: InjectionType | null
  /** From 0 to 1; a half at the threshold for a challenge. */
  readonly confidence: number
}

/** Judges a text with the shipped weights. */
export function judgeInjection(text: string, folded: Folded = fold(text)): InjectionJudgement {
  const result = scoreInjection(text, weights, folded)
  const { thresholds } = model
  const scored = result.score > thresholds.certain ? 'injection-certain' : result.score > thresholds.likely ? 'injection-likely' : result.score > thresholds.hint ? 'injection-hint' : null
  const type = scored ?? (result.wellKnown ? 'injection-hint' : null)
  return { ...result, type, confidence: 1 / (1 + Math.exp(thresholds.likely - result.score)) }
}
