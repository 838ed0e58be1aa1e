import { fold } from '../packages/guard/src/core/fold.ts'
import { createFeatures, extract, featureCount, type Features, sliceLength } from '../packages/guard/src/injection/features.ts'
import { steadying, stretchStep, stretchTokens, type Weights } from '../packages/guard/src/injection/model.ts'
import { plainView } from '../packages/guard/src/injection/views.ts'
import { authoredTexts } from './train-guard-authored.ts'
import { fitRows, type Rows, scoreOfRow } from './train-guard-fit.ts'

export interface Example {
  /** The features of each stretch, each once. */
  readonly stretches: readonly Int32Array[]
  readonly positive: boolean
  readonly source: string
  /** Near-duplicates share a cluster; null for a text that has none. */
  readonly cluster: string | null
}

const settings = { trust: 8, rounds: 3, steps: 40, mostSlices: 3, authored: 1 }
const room = createFeatures()

function stretchesOf(found: Features): Int32Array[] {
  const stretches: Int32Array[] = []
  for (let start = 0; ; start += stretchStep) {
    const features = new Set<number>()
    for (let index = 0; index < found.evidenceCount; index += 1) {
      const at = found.evidenceAt[index] ?? 0
      if (at >= start && at < start + stretchTokens) features.add(found.evidence[index] ?? 0)
    }
    stretches.push(Int32Array.from(features))
    if (start + stretchTokens >= found.tokens) return stretches
  }
}

/** A text's features, stretch by stretch. */
export function toExample(text: string, { positive, source, cluster }: Omit<Example, 'stretches'>): Example {
  const lower = plainView(fold(text))
  const stretches: Int32Array[] = []
  for (let from = 0; from === 0 || (from < lower.length && from < sliceLength * settings.mostSlices); from += sliceLength) {
    extract(lower.slice(from, from + sliceLength), room)
    stretches.push(...stretchesOf(room))
  }
  return { stretches, positive, source, cluster }
}

/** The authors' own texts, as examples. */
export const authoredExamples = (): Example[] => authoredTexts().map(({ text, positive, source }) => toExample(text, { positive, source, cluster: null }))

function rowsOf(examples: readonly Example[]): { rows: Rows; owner: Int32Array } {
  const stretches = examples.flatMap((example, place) => example.stretches.map((features) => ({ features, place, positive: example.positive })))
  const starts = new Int32Array(stretches.length + 1)
  stretches.forEach(({ features }, row) => { starts[row + 1] = (starts[row] ?? 0) + features.length })
  const features = new Int32Array(starts[stretches.length] ?? 0)
  stretches.forEach((stretch, row) => { features.set(stretch.features, starts[row] ?? 0) })
  return {
    rows: { starts, features, values: Float64Array.from(stretches, (stretch) => 1 / Math.sqrt(stretch.features.length + steadying)), positive: Uint8Array.from(stretches, ({ positive }) => (positive ? 1 : 0)) },
    owner: Int32Array.from(stretches, ({ place }) => place),
  }
}

/**
 * Logistic regression over stretches (multiple-instance learning): every stretch of a harmless text is harmless, but of an attack
 * only the stretch that looks worst is one. Begins with short attacks, whose stretches need no choosing, and then goes over to
 * each attack's worst stretch, as the model so far has it.
 */
export function train(examples: readonly Example[]): Weights {
  const { rows, owner } = rowsOf(examples)
  const importance = importances(examples)
  let solution = new Float64Array(featureCount + 1)
  for (let round = 0; round < settings.rounds; round += 1) {
    const worst = round === 0 ? null : worstRows(rows, owner, solution)
    const chosen: number[] = []
    const weights: number[] = []
    owner.forEach((place, row) => {
      const example = examples[place]
      if (example === undefined) return
      const count = example.stretches.length
      if (example.positive && (worst === null ? count > 2 : worst[place] !== row)) return
      chosen.push(row)
      weights.push((importance[place] ?? 1) / (example.positive ? (worst === null ? count : 1) : Math.sqrt(count)))
    })
    const mean = weights.reduce((sum, weight) => sum + weight, 0) / Math.max(1, weights.length)
    solution = fitRows(rows, solution, { chosen: Int32Array.from(chosen), weights: Float64Array.from(weights, (weight) => weight / mean), trust: settings.trust, steps: settings.steps })
  }
  return { table: Float32Array.from(solution.subarray(0, featureCount)), bias: solution[featureCount] ?? 0 }
}

/** For every example the row of its worst stretch. */
function worstRows(rows: Rows, owner: Int32Array, solution: Float64Array): Int32Array {
  const worst = new Int32Array((owner.at(-1) ?? -1) + 1).fill(-1)
  const scores = new Float64Array(worst.length).fill(Number.NEGATIVE_INFINITY)
  owner.forEach((place, row) => {
    const score = scoreOfRow(rows, row, solution)
    if (score <= (scores[place] ?? 0)) return
    scores[place] = score
    worst[place] = row
  })
  return worst
}

/** Sources weigh by the root of their size, near-duplicates share, and all attacks weigh as much as all harmless texts; the authors' texts weigh one each. */
function importances(examples: readonly Example[]): Float64Array {
  const own = (example: Example): boolean => example.source.startsWith('authored:')
  const counts = new Map<string, number>()
  const count = (key: string): void => { counts.set(key, (counts.get(key) ?? 0) + 1) }
  for (const example of examples) {
    count(`${example.source} ${example.positive}`)
    if (example.cluster !== null) count(`${example.source} cluster ${example.cluster}`)
  }
  const raw = Float64Array.from(examples, (example) => (own(example) ? 0 : (counts.get(`${example.source} ${example.positive}`) ?? 1) ** -0.5))
  const sums = { attacks: 0, harmless: 0, rows: 0 }
  examples.forEach((example, place) => { sums[example.positive ? 'attacks' : 'harmless'] += raw[place] ?? 0 })
  const shared = Float64Array.from(examples, (example, place) => {
    const share = example.cluster === null ? 1 : (counts.get(`${example.source} cluster ${example.cluster}`) ?? 1) ** -0.5
    return own(example) ? 0 : ((raw[place] ?? 0) / (example.positive ? sums.attacks : sums.harmless)) * share
  })
  let total = 0
  examples.forEach((example, place) => {
    total += shared[place] ?? 0
    if (!own(example)) sums.rows += 1
  })
  return Float64Array.from(examples, (example, place) => (own(example) ? settings.authored : ((shared[place] ?? 0) * sums.rows) / Math.max(1e-9, total)))
}
