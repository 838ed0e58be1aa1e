import { fold } from './fold.ts'

/** Scripts written without spaces, and Hangul, whose words carry their particles. */
const UNSPACED = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}\p{Script=Tibetan}ー々]+/gu
const CLUSTER = /\P{M}\p{M}*/gu
const LETTER_OR_DIGIT = /[\p{L}\p{N}]/u
const JOINTS = /[._:\u00b7\u2027]+/u
const APOSTROPHE = /['\u2019\uff07]/u
/** A longer word is data, not language. */
const LONGEST_WORD = 64

const segmenter = new Intl.Segmenter('und', { granularity: 'word' })

/** The words of a text in order, folded and not yet stemmed. Runs of scripts without spaces become overlapping pairs of characters. */
export function* cut(text: string): Generator<string> {
  const folded = fold(text)
  let from = 0
  for (const run of folded.matchAll(UNSPACED)) {
    yield* spacedWords(folded.slice(from, run.index))
    yield* pairs(run[0])
    from = run.index + run[0].length
  }
  yield* spacedWords(folded.slice(from))
}

function* pairs(run: string): Generator<string> {
  const clusters = run.match(CLUSTER) ?? [run]
  if (clusters.length === 1) yield run
  for (let at = 0; at + 1 < clusters.length; at += 1) yield `${clusters[at] ?? ''}${clusters[at + 1] ?? ''}`
}

function* spacedWords(text: string): Generator<string> {
  if (!LETTER_OR_DIGIT.test(text)) return
  for (const { segment, isWordLike } of segmenter.segment(text)) {
    if (isWordLike !== true) continue
    // UAX 29 keeps `sallyport.json`, `max_tokens` and `127.0.0.1` whole; people search for the parts.
    for (const part of segment.split(JOINTS)) {
      const word = withoutApostrophe(part)
      if (word !== '' && word.length <= LONGEST_WORD) yield word
    }
  }
}

/** `key's` → `key`, `l'eau` → `eau`, `don't` → `don`. */
function withoutApostrophe(word: string): string {
  const [head = '', ...tail] = word.split(APOSTROPHE)
  if (tail.length === 0) return word
  const rest = tail.join('')
  return head.length <= 2 && rest.length > 2 ? rest : head
}
