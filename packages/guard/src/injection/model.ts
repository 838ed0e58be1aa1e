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
const weightOf = new Float32Array(sliceLength * 9)
const seenBefore = new Int32Array(sliceLength * 9)
let turn = 0

/** How a slice of text reads: the score of its most telling stretch. A feature counts once in a stretch, and a stretch by the root of how many it has. */
export function readSlice(found: Features, weights: Weights): Reading {
  const { table, bias } = weights
  turn += 1
  for (let index = 0; index < found.evidenceCount; index += 1) {
    const feature = found.evidence[index] ?? 0
    weightOf[index] = table[feature] ?? 0
    seenBefore[index] = lastTurn[feature] === turn ? (lastSeen[feature] ?? -1) : -1
    lastTurn[feature] = turn
    lastSeen[feature] = found.evidenceAt[index] ?? 0
  }
  let best = { score: Number.NEGATIVE_INFINITY, start: 0, end: found.tokens }
  let from = 0
  for (let start = 0; ; start += stretchStep) {
    const end = start + stretchTokens
    while (from < found.evidenceCount && (found.evidenceAt[from] ?? 0) < start) from += 1
    let sum = 0
    let count = 0
    for (let index = from; index < found.evidenceCount && (found.evidenceAt[index] ?? 0) < end; index += 1) {
      if ((seenBefore[index] ?? -1) >= start) continue
      sum += weightOf[index] ?? 0
      count += 1
    }
    const score = bias + sum / Math.sqrt(count + steadying)
    if (score > best.score) best = { score, start, end: Math.min(end, found.tokens) }
    if (end >= found.tokens) return best
  }
}
