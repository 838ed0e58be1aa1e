import type { Weights } from '../packages/guard/src/injection/model.ts'
import { scoreInjection } from '../packages/guard/src/injection/score.ts'
import type { PromptRow } from './eval-data.ts'
import { authoredExamples, type Example, toExample, train } from './train-guard-model.ts'

export interface Scored {
  readonly row: PromptRow
  readonly score: number
}

const folds = 8

/** Rows that show by themselves what they are: an attack that only its context makes one is left out. */
export const usable = (rows: readonly PromptRow[]): PromptRow[] => rows.filter((row) => row.label === 'benign' || row.explicit !== false)

export const exampleOf = (row: PromptRow): Example => toExample(row.text, { positive: row.label === 'injection', source: row.source, cluster: row.cluster === undefined ? null : String(row.cluster) })

/** Which fold each source is in: sources with attacks are dealt out first, then those without. */
export function foldOf(rows: readonly PromptRow[]): Map<string, number> {
  const sources = [...new Set(rows.map((row) => row.source))]
  const attacking = new Set(rows.filter((row) => row.label === 'injection').map((row) => row.source))
  const result = new Map<string, number>()
  sources.filter((source) => attacking.has(source)).forEach((source, index) => result.set(source, index % folds))
  sources.filter((source) => !attacking.has(source)).forEach((source, index) => result.set(source, index % folds))
  return result
}

export interface CrossValidated {
  readonly scored: readonly Scored[]
  /** The model of the fold that never saw a source. */
  readonly weightsFor: (source: string) => Weights | undefined
}

/** Trains on some sources and scores the others as the guard does, in every view, until every source was scored by a model that never saw it. */
export function crossValidate(rows: readonly PromptRow[]): CrossValidated {
  const examples = usable(rows).map((row) => ({ row, example: exampleOf(row) }))
  const own = authoredExamples()
  const foldBySource = foldOf(rows)
  const scored: Scored[] = []
  const models: Weights[] = []
  for (let fold = 0; fold < folds; fold += 1) {
    const weights = train([...examples.filter(({ row }) => foldBySource.get(row.source) !== fold).map(({ example }) => example), ...own])
    models[fold] = weights
    for (const { row } of examples) if (foldBySource.get(row.source) === fold) scored.push({ row, score: scoreInjection(row.text, weights).score })
  }
  return { scored, weightsFor: (source) => models[foldBySource.get(source) ?? 0] }
}

/** Scores with one model, in every view, as the guard does. */
export const scoreAll = (rows: readonly PromptRow[], weights: Weights): Scored[] => usable(rows).map((row) => ({ row, score: scoreInjection(row.text, weights).score }))

export interface Thresholds {
  readonly hint: number
  readonly likely: number
  readonly certain: number
}

const isOrdinary = ({ row }: Scored): boolean => row.label === 'benign' && (row.kind === 'ordinary' || row.kind === 'multilingual')
const isHard = ({ row }: Scored): boolean => row.label === 'benign' && row.kind === 'overdefense'

/** The lowest score that at most `share` of these exceed. */
export function thresholdAt(scored: readonly Scored[], share: number): number {
  const sorted = scored.map(({ score }) => score).sort((a, b) => b - a)
  return sorted[Math.floor(sorted.length * share)] ?? 0
}

/** Block at one harmless text in a thousand, challenge at one in a hundred and two of a hundred hard ones, flag at one in twenty. */
export function chooseThresholds(scored: readonly Scored[]): Thresholds {
  const ordinary = scored.filter(isOrdinary)
  const round = (value: number): number => Math.ceil(value * 1000) / 1000
  return { hint: round(thresholdAt(ordinary, 0.05)), likely: round(Math.max(thresholdAt(ordinary, 0.01), thresholdAt(scored.filter(isHard), 0.02))), certain: round(thresholdAt(scored.filter((one) => one.row.label === 'benign'), 0.001)) }
}

export interface InjectionFigures {
  /** The score that one in a hundred ordinary harmless texts exceeds. */
  readonly threshold: number
  readonly recallAtOnePercent: number
  readonly attacks: number
  readonly recallAtLikely: number
  readonly falseAtLikely: number
  readonly ordinary: number
  readonly hardLeftAlone: number
  readonly hard: number
  readonly blockedHarmless: number
  readonly harmless: number
  readonly blockedAttacks: number
  readonly bySource: readonly { readonly source: string; readonly label: string; readonly rows: number; readonly atOnePercent: number; readonly atLikely: number }[]
}

/** G1 to G3 from scores and thresholds. */
export function injectionFigures(scored: readonly Scored[], thresholds: Thresholds): InjectionFigures {
  const share = (rows: readonly Scored[], above: number): number => rows.filter(({ score }) => score > above).length / Math.max(1, rows.length)
  const ordinary = scored.filter(isOrdinary)
  const hard = scored.filter(isHard)
  const attacks = scored.filter(({ row }) => row.label === 'injection')
  const harmless = scored.filter(({ row }) => row.label === 'benign')
  const onePercent = thresholdAt(ordinary, 0.01)
  const groups = [...new Set(scored.map(({ row }) => `${row.label} ${row.source}`))].sort()
  return {
    threshold: onePercent, recallAtOnePercent: share(attacks, onePercent), attacks: attacks.length,
    recallAtLikely: share(attacks, thresholds.likely), falseAtLikely: share(ordinary, thresholds.likely), ordinary: ordinary.length,
    hardLeftAlone: 1 - share(hard, thresholds.likely), hard: hard.length,
    blockedHarmless: harmless.filter(({ score }) => score > thresholds.certain).length, harmless: harmless.length, blockedAttacks: share(attacks, thresholds.certain),
    bySource: groups.map((group) => {
      const rows = scored.filter(({ row }) => `${row.label} ${row.source}` === group)
      return { source: rows[0]?.row.source ?? '', label: rows[0]?.row.label ?? '', rows: rows.length, atOnePercent: share(rows, onePercent), atLikely: share(rows, thresholds.likely) }
    }),
  }
}
