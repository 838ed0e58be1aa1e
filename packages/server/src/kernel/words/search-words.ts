import { cut } from './cut.ts'
import { isFunctionWord, languageOf, languages } from './languages.ts'
import { stem } from './stem.ts'

/** A word that somebody looks for, and every term by which it may stand in an index, whatever the language of the text. */
export interface SearchWord { readonly word: string; readonly terms: readonly string[] }

/** What comes later is not looked for. */
const MOST_WORDS = 12

/** What to look for in texts of unknown languages: each different word once, without those that say nothing in the language of the question, or in any where that cannot be told. */
export function toSearchWords(text: string): readonly SearchWord[] {
  const asked = languageOf(text)
  const heard = asked === 'other' ? languages : [asked]
  const found = new Map<string, SearchWord>()
  for (const word of cut(text)) {
    if (found.size >= MOST_WORDS) break
    if (found.has(word) || heard.some((language) => isFunctionWord(word, language))) continue
    found.set(word, { word, terms: [...new Set(languages.map((language) => stem(word, language)))] })
  }
  return [...found.values()]
}
