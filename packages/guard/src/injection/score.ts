import { fold, type Folded } from '../core/fold.ts'
import { createFeatures, extract, sliceLength } from './features.ts'
import { readSlice, type Weights } from './model.ts'
import { hasLetters, otherViews, plainView, type View } from './views.ts'

export interface InjectionScore {
  /** The model's score; thresholds are in the weights. */
  readonly score: number
  /** How the text had to be read to see it. */
  readonly how: View['how']
  /** Where the worst stretch stands in the folded text; null when it was seen only after decoding. */
  readonly span: { readonly start: number; readonly end: number } | null
  /** A well-known wording was seen, in whatever reading. */
  readonly wellKnown: boolean
}

const room = createFeatures()
const overlap = 256

/** Scores a text as an attack on a model's instructions, read plainly and in every other way it lends itself to. */
export function scoreInjection(text: string, weights: Weights, folded: Folded = fold(text)): InjectionScore {
  const lower = plainView(folded)
  const plain = scoreView(lower, weights)
  let worst: InjectionScore = { score: plain.score, how: 'plain', span: { start: plain.start, end: plain.end }, wellKnown: plain.wellKnown }
  for (const view of otherViews(text, lower, plain)) {
    const { score, wellKnown: known } = scoreView(view.text, weights)
    if (score > worst.score) worst = { score, how: view.how, span: null, wellKnown: known || worst.wellKnown }
    else if (known && !worst.wellKnown) worst = { ...worst, wellKnown: true }
  }
  return worst
}

interface Scored {
  readonly score: number
  readonly start: number
  readonly end: number
  readonly rotated: boolean
  readonly backwards: boolean
  readonly wellKnown: boolean
}

function scoreView(text: string, weights: Weights): Scored {
  let worst = { score: Number.NEGATIVE_INFINITY, start: 0, end: text.length }
  const seen = { rotated: false, backwards: false, wellKnown: false }
  if (!hasLetters(text)) return { ...worst, ...seen, score: weights.bias }
  for (let from = 0; from === 0 || from + overlap < text.length; from += sliceLength - overlap) {
    extract(text.length <= sliceLength ? text : text.slice(from, from + sliceLength), room)
    const reading = readSlice(room, weights)
    seen.rotated ||= room.rotated
    seen.backwards ||= room.backwards
    seen.wellKnown ||= room.wellKnown
    if (reading.score > worst.score) worst = { score: reading.score, start: from + (room.starts[reading.start] ?? 0), end: from + (room.starts[reading.end] ?? text.length - from) }
  }
  return { ...worst, ...seen }
}
