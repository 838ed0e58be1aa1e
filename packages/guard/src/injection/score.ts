import { createFeatures, extract, sliceLength } from './features.ts'
import { readSlice, type Weights } from './model.ts'
import { otherViews, plainView, type View } from './views.ts'

export interface InjectionScore {
  /** The model's score; thresholds are in the weights. */
  readonly score: number
  /** How the text had to be read to see it. */
  readonly how: View['how']
  /** Where the worst stretch stands in the folded text; null when it was seen only after decoding. */
  readonly span: { readonly start: number; readonly end: number } | null
}

const room = createFeatures()
const overlap = 256

/** Scores a text as an attack on a model's instructions, read plainly and in every other way it lends itself to. */
export function scoreInjection(text: string, weights: Weights): InjectionScore {
  const lower = plainView(text)
  const plain = scoreView(lower, weights)
  let worst: InjectionScore = { score: plain.score, how: 'plain', span: { start: plain.start, end: plain.end } }
  for (const view of otherViews(text, lower)) {
    const { score } = scoreView(view.text, weights)
    if (score > worst.score) worst = { score, how: view.how, span: null }
  }
  return worst
}

function scoreView(text: string, weights: Weights): { score: number; start: number; end: number } {
  let worst = { score: Number.NEGATIVE_INFINITY, start: 0, end: text.length }
  for (let from = 0; from === 0 || from + overlap < text.length; from += sliceLength - overlap) {
    extract(text.length <= sliceLength ? text : text.slice(from, from + sliceLength), room)
    const reading = readSlice(room, weights)
    if (reading.score > worst.score) worst = { score: reading.score, start: from + (room.starts[reading.start] ?? 0), end: from + (room.starts[reading.end] ?? text.length - from) }
  }
  return worst
}
