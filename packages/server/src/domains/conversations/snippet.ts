import { fold, languages, stem, type SearchWord } from '../../kernel/words/index.ts'

/** A piece of a text around what was looked for, and where in the piece it stands. */
export interface Snippet { readonly text: string; readonly marks: { readonly from: number; readonly to: number }[] }

const CHARACTERS = 180
const BEFORE = 60
/** So much of a word stands in most of its forms. */
const SHORTEST_STEM = 3
const segmenter = new Intl.Segmenter('und', { granularity: 'word' })

/** Cuts the piece of a text in which the words stand first; its beginning where they stand in a form that only the index knows. */
export function snippetOf(text: string, words: readonly SearchWord[]): Snippet {
  const found = firstOf(text, words)
  const from = found <= BEFORE ? 0 : wordStart(text, found - BEFORE)
  const to = Math.min(text.length, from + CHARACTERS)
  const cut = text.slice(from, to < text.length ? wordEnd(text, to) : to).replaceAll(/\s/g, ' ')
  const lead = from > 0 ? '… ' : ''
  const piece = cut.trimEnd()
  return {
    text: `${lead}${piece}${to < text.length ? ' …' : ''}`,
    marks: marksIn(piece, words).map((mark) => ({ from: mark.from + lead.length, to: mark.to + lead.length })),
  }
}

/** Where the first of the words may stand. Folding changes lengths in few texts; then the place is a little off, and the piece still holds it. */
function firstOf(text: string, words: readonly SearchWord[]): number {
  const folded = fold(text)
  const places = words.map(({ word, terms }) => {
    const exact = folded.indexOf(word)
    if (exact !== -1) return exact
    const shortest = terms.reduce((least, term) => (term.length < least.length ? term : least), word)
    return shortest.length < SHORTEST_STEM ? -1 : folded.indexOf(shortest)
  }).filter((place) => place !== -1)
  return Math.min(text.length, places.length === 0 ? 0 : Math.min(...places))
}

/** The words of a short piece that have a term in common with what was looked for. */
function marksIn(piece: string, words: readonly SearchWord[]): Snippet['marks'] {
  const wanted = new Set(words.flatMap(({ word, terms }) => [word, ...terms]))
  const marks = []
  for (const { segment, index, isWordLike } of segmenter.segment(piece)) {
    if (isWordLike !== true) continue
    const folded = fold(segment)
    const isFound = languages.some((language) => wanted.has(stem(folded, language))) || words.some(({ word }) => word.length > 1 && folded.includes(word) && folded.length <= word.length + 2)
    if (isFound) marks.push({ from: index, to: index + segment.length })
  }
  return marks
}

/** The nearest places between words, so that a piece begins and ends with whole ones. Never in the middle of a surrogate pair: white space is none. */
function wordStart(text: string, near: number): number {
  const space = text.slice(near, near + BEFORE).search(/\s/)
  return space === -1 ? safe(text, near) : near + space + 1
}
function wordEnd(text: string, near: number): number {
  const space = text.slice(near - BEFORE, near).search(/\s\S*$/)
  return space === -1 ? safe(text, near) : near - BEFORE + space
}
const safe = (text: string, at: number): number => (/[\uDC00-\uDFFF]/.test(text.charAt(at)) ? at + 1 : at)
