import { fold } from '../packages/guard/src/core/fold.ts'
import { conceptNames } from '../packages/guard/src/injection/concepts.ts'
import { blockOf, createFeatures, extract, featureCount, type Features, ideaFeature, markerFeature, pairFeature, sliceLength } from '../packages/guard/src/injection/features.ts'
import { type Reading, readSlice, steadying, stretchTokens, type Weights } from '../packages/guard/src/injection/model.ts'
import { plainView } from '../packages/guard/src/injection/views.ts'
import { authoredTexts } from './train-guard-authored.ts'
import { ideaPriors, markerPriors, pairPriors } from './train-guard-priors.ts'

export interface Example {
  readonly slices: readonly Features[]
  readonly positive: boolean
  readonly source: string
}

const settings = { epochs: 20, rate: 0.5, authored: 3, wordScale: 2, characterScale: 1, evidencePull: 0.01, stylePull: 1e-6, priorShare: 0.5, groups: 2, startBias: -3 }
const mostSlices = 3
const room = createFeatures()

/** A text's features, slice by slice. */
export function toExample(text: string, positive: boolean, source: string): Example {
  const lower = plainView(fold(text))
  const slices: Features[] = []
  for (let from = 0; from === 0 || (from < lower.length && slices.length < mostSlices); from += sliceLength) {
    extract(lower.slice(from, from + sliceLength), room)
    slices.push({ style: room.style.slice(0, room.styleCount), styleCount: room.styleCount, evidence: room.evidence.slice(0, room.evidenceCount), evidenceAt: room.evidenceAt.slice(0, room.evidenceCount), evidenceCount: room.evidenceCount, starts: room.starts.slice(0, room.tokens + 1), tokens: room.tokens, rotated: false, backwards: false })
  }
  return { slices, positive, source }
}

/** The authors' own texts, as examples. */
export const authoredExamples = (): Example[] => authoredTexts().map(({ text, positive, source }) => toExample(text, positive, source))

/** The weights before any data. */
export function priorWeights(): Float32Array {
  const prior = new Float32Array(featureCount)
  const numberOf = (name: string): number => {
    const place = conceptNames.indexOf(name)
    if (place < 0) throw new Error(`There is no family of concepts called ${name}.`)
    return place + 1
  }
  for (const [first, second, weight] of pairPriors) {
    prior[pairFeature(numberOf(first), numberOf(second))] = weight
    prior[pairFeature(numberOf(second), numberOf(first))] = weight
  }
  for (const [name, weight] of Object.entries(ideaPriors)) prior[ideaFeature(numberOf(name))] = weight
  for (const [marker, weight] of Object.entries(markerPriors)) prior[markerFeature(Number(marker))] = weight
  return prior
}

export interface Training {
  readonly table: Float32Array
  bias: number
  readonly prior: Float32Array
  readonly believed: Uint8Array
}

/**
 * Logistic regression by plain stochastic descent, drawn back to the authors' priors. Each text is judged by the slice and
 * stretch that look worst at that moment; half of the time its style is covered up, so that evidence must do without.
 */
export function train(examples: readonly Example[]): Weights {
  const prior = priorWeights()
  const training: Training = { table: new Float32Array(prior), bias: settings.startBias, prior, believed: believedFeatures(examples) }
  const importance = importances(examples)
  const random = randomFrom(1)
  const order = [...examples]
  for (let epoch = 0; epoch < settings.epochs; epoch += 1) {
    for (let index = order.length - 1; index > 0; index -= 1) {
      const other = Math.floor(random() * (index + 1))
      const [kept, swapped] = [order[index], order[other]]
      if (kept !== undefined && swapped !== undefined) [order[index], order[other]] = [swapped, kept]
    }
    const rate = settings.rate / (1 + epoch * 0.5)
    for (const example of order) step(training, example, { rate, importance: importance.get(`${example.source} ${example.positive}`) ?? 1, covered: random() < 0.5 })
  }
  training.table.forEach((weight, feature) => {
    training.table[feature] = weight + settings.priorShare * (prior[feature] ?? 0)
  })
  return { table: training.table, bias: training.bias }
}

/** What the model makes of an example. */
export const scoreExample = (example: Example, weights: Weights): number => Math.max(...example.slices.map((slice) => readSlice(slice, weights).score))

function worstSlice(example: Example, weights: Weights): { slice: Features; reading: Reading } | null {
  let worst: { slice: Features; reading: Reading } | null = null
  for (const slice of example.slices) {
    const reading = readSlice(slice, weights)
    if (worst === null || reading.score > worst.reading.score) worst = { slice, reading }
  }
  return worst
}

function step(training: Training, example: Example, { rate, importance, covered }: { rate: number; importance: number; covered: boolean }): void {
  const worst = worstSlice(example, training)
  if (worst === null) return
  const { slice, reading } = worst
  const { table, prior, believed } = training
  const score = covered ? reading.evidence + training.bias : reading.score
  const gradient = importance * (1 / (1 + Math.exp(-score)) - (example.positive ? 1 : 0))
  if (Math.abs(gradient) < 0.005) return
  training.bias -= rate * gradient * 0.1
  if (!covered && (reading.style > -0.5 || example.positive)) {
    const each = (rate * gradient) / Math.sqrt(slice.styleCount + steadying)
    for (let index = 0; index < slice.styleCount; index += 1) {
      const feature = slice.style[index] ?? 0
      if (believed[feature] === 0) continue
      const scale = blockOf(feature) === 1 ? settings.wordScale : settings.characterScale
      table[feature] = (table[feature] ?? 0) - each * scale * scale - rate * settings.stylePull * (table[feature] ?? 0)
    }
  }
  const ideas = new Set<number>()
  for (let index = 0; index < slice.evidenceCount; index += 1) {
    const at = slice.evidenceAt[index] ?? 0
    if (at >= reading.start && at < reading.start + stretchTokens) ideas.add(slice.evidence[index] ?? 0)
  }
  for (const feature of ideas) {
    if (believed[feature] === 0 && prior[feature] === 0) continue
    const weight = table[feature] ?? 0
    table[feature] = weight - rate * (gradient + settings.evidencePull * (weight - (prior[feature] ?? 0)))
  }
}

/** Features that more than one source has: what only one has tells the source, not the attack. */
function believedFeatures(examples: readonly Example[]): Uint8Array {
  const seen = new Map<string, Uint8Array>()
  for (const { slices, source } of examples) {
    const marks = seen.get(source) ?? new Uint8Array(featureCount)
    seen.set(source, marks)
    for (const slice of slices) {
      for (const feature of slice.style) marks[feature] = 1
      for (const feature of slice.evidence) marks[feature] = 1
    }
  }
  const believed = new Uint8Array(featureCount)
  for (let feature = 0; feature < featureCount; feature += 1) {
    let sources = 0
    for (const marks of seen.values()) sources += marks[feature] ?? 0
    believed[feature] = sources >= settings.groups ? 1 : 0
  }
  return believed
}

/** Sources weigh by the root of their size; the authors' texts weigh more, for they are few and to the point. */
function importances(examples: readonly Example[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const { source, positive } of examples) counts.set(`${source} ${positive}`, (counts.get(`${source} ${positive}`) ?? 0) + 1)
  return new Map([...counts].map(([key, count]) => [key, Math.min(3, Math.sqrt(150 / count)) * (/^authored_(?:languages|templates|carriers) /.test(key) ? settings.authored : 1)]))
}

/** Seeded and the same everywhere (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
