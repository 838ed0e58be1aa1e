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

/**
 * Well-known wordings that are worth a line in the log whatever the model makes of them: orders to disregard what came
 * before, forged speakers, “new instructions:”.
 */
const wellKnown = /\b(?:ignore|disregard|forget|override)\b[^.\n]{0,24}\b(?:previous|prior|above|earlier|all|your|preceding)\b[^.\n]{0,24}\b(?:instruction|prompt|rule|command|direction|guideline|order|task|context)|\[ ?(?:system|admin|developer|assistant)\b[^\]\n]{0,24}\]|<\|(?:im_start|system|user|assistant)|\bnew (?:instructions?|directives?|orders?) ?(?::|#|follow)|\b(?:jailbreak|do anything now|developer mode enabled)\b|(?:ignorier|vergiss)[^.\n]{0,24}(?:anweisung|instruktion|regel)|ignor[ae][^.\n]{0,24}(?:instruccion|instrucoes|instruções|istruzioni|instructions)|忽略[^。\n]{0,12}(?:指令|指示|提示)|игнорируй[^.\n]{0,24}(?:инструкц|указан)/

/** Judges a text with the shipped weights. */
export function judgeInjection(text: string): InjectionJudgement {
  const result = scoreInjection(text, weights)
  const { thresholds } = model
  const scored = result.score > thresholds.certain ? 'injection-certain' : result.score > thresholds.likely ? 'injection-likely' : result.score > thresholds.hint ? 'injection-hint' : null
  const type = scored ?? (wellKnown.test(text.toLowerCase()) ? 'injection-hint' : null)
  return { ...result, type, confidence: 1 / (1 + Math.exp(thresholds.likely - result.score)) }
}
