import { featureCount, type Features, sliceLength } from './features.ts'

/** A text is judged by its most telling stretch of this many tokens: an attack is said in a sentence or two. */
export const stretchTokens = 32
export const stretchStep = 12

/** Short texts are held back: a few telling features are not yet a case. */
export const steadying = 8

export interface Weights {
  /** One weight for each feature. */
  readonly table: Float32Array
  readonly bias: number
}

export interface Reading {
  readonly score: number
  /** The tokens of the most telling stretch. */
  readonly start: number
  readonly end: number
}

const lastSeen = new Int32Array(featureCount)
const lastTurn = new Int32Array(featureCount)
let turn = 0

/** For each stretch of a slice the sum of its features' weights, and how many it has. */
const mostStretches = Math.ceil(sliceLength / stretchStep) + 2
const sums = new Float64Array(mostStretches)
const counts = new Int32Array(mostStretches)

/** Adds each feature to the stretches that hold it and have not met it before: a text that says the same again and again costs no more for it. */
function addUp({ evidence, evidenceAt, evidenceCount }: Features, table: Float32Array, last: number): void {
  turn += 1
  sums.fill(0, 0, last + 1)
  counts.fill(0, 0, last + 1)
  for (let index = 0; index < evidenceCount; index += 1) {
    const feature = evidence[index] ?? 0
    const at = evidenceAt[index] ?? 0
    const before = lastTurn[feature] === turn ? (lastSeen[feature] ?? -1) : -1
    lastTurn[feature] = turn
    lastSeen[feature] = at
    const highest = Math.min(last, Math.trunc(at / stretchStep))
    const lowest = Math.trunc((Math.max(before, at - stretchTokens) + stretchStep) / stretchStep)
    for (let stretch = lowest; stretch <= highest; stretch += 1) {
      sums[stretch] = (sums[stretch] ?? 0) + (table[feature] ?? 0)
      counts[stretch] = (counts[stretch] ?? 0) + 1
    }
  }
}

/** How a slice of text reads: the score of its most telling stretch. A feature counts once in a stretch, and a stretch by the root of how many it has. */
export function readSlice(found: Features, { table, bias }: Weights): Reading {
  const { tokens } = found
  const last = Math.max(0, Math.ceil((tokens - stretchTokens) / stretchStep))
  addUp(found, table, last)
  let best = 0
  let bestScore = Number.NEGATIVE_INFINITY
  for (let stretch = 0; stretch <= last; stretch += 1) {
    const score = bias + (sums[stretch] ?? 0) / Math.sqrt((counts[stretch] ?? 0) + steadying)
    if (score <= bestScore) continue
    best = stretch
    bestScore = score
  }
  const start = best * stretchStep
  return { score: bestScore, start, end: Math.min(start + stretchTokens, tokens) }
}
