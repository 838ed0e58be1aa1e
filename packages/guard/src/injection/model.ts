import { evidenceRange, type Features } from './features.ts'

/** Evidence is weighed within stretches of this many tokens: an attack is said in a sentence or two. */
export const stretchTokens = 32
const stretchStep = 8

/** Short texts are held back: a few telling characters are not yet a style. */
export const steadying = 120

/** The most that style may take away: a long harmless letter does not excuse the attack in it. */
export const styleFloor = -0.5

/** The more stretches a text has, the more evidence one of them shows by chance. */
const lengthPrice = 0.3

export interface Weights {
  /** One weight for each feature. */
  readonly table: Float32Array
  readonly bias: number
}

export interface Reading {
  readonly score: number
  readonly style: number
  readonly evidence: number
  /** The tokens of the stretch with the most evidence. */
  readonly start: number
  readonly end: number
}

const seen = new Int32Array(evidenceRange)
let turn = 0

/** How a slice of text reads: its style over the whole, and its strongest stretch of evidence. Each idea counts once in a stretch. */
export function readSlice(found: Features, weights: Weights): Reading {
  const { table, bias } = weights
  let sum = 0
  for (let index = 0; index < found.styleCount; index += 1) sum += table[found.style[index] ?? 0] ?? 0
  const style = sum / Math.sqrt(found.styleCount + steadying)
  let best = { evidence: 0, start: 0, any: false }
  let from = 0
  for (let start = 0; start < Math.max(1, found.tokens); start += stretchStep) {
    while (from < found.evidenceCount && (found.evidenceAt[from] ?? 0) < start) from += 1
    if (from >= found.evidenceCount) break
    const evidence = evidenceIn(found, table, { from, end: start + stretchTokens })
    if (!best.any || evidence > best.evidence) best = { evidence, start, any: true }
    if (start + stretchTokens >= found.tokens) break
  }
  const price = lengthPrice * Math.log(Math.max(1, found.tokens / stretchTokens))
  return { score: Math.max(styleFloor, style) + best.evidence - price + bias, style, evidence: best.evidence, start: best.start, end: Math.min(found.tokens, best.start + stretchTokens) }
}

function evidenceIn(found: Features, table: Float32Array, { from, end }: { readonly from: number; readonly end: number }): number {
  turn += 1
  let sum = 0
  for (let index = from; index < found.evidenceCount && (found.evidenceAt[index] ?? 0) < end; index += 1) {
    const feature = found.evidence[index] ?? 0
    if (seen[feature] === turn) continue
    seen[feature] = turn
    sum += table[feature] ?? 0
  }
  return sum
}
