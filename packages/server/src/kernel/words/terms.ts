import { cut } from './cut.ts'
import { isFunctionWord, languageOf, type Language } from './languages.ts'
import { stem } from './stem.ts'
import { synonymsOf } from './synonyms.ts'

/** Kept with each indexed passage. Raise it whenever `fold`, `cut`, `stem` or the function words change what they give. */
export const TOKENISER_VERSION = 1

/** The terms of a text, in order and with repeats, without function words. */
export function* toTerms(text: string, language: Language): Generator<string> {
  for (const word of cut(text)) if (!isFunctionWord(word, language)) yield stem(word, language)
}

/** One word of a question, as it may stand in the index, and how much it counts. */
export interface QuestionWord { readonly word: string; readonly terms: readonly string[]; readonly weight: number }

/** Words by which people ask, rather than what they ask about. They still help to choose between passages. */
const asking = new Set((
  'use uses using used make made making create generate get getting got give given need needs needed want wants wanted like please tell show explain describe find know let go going '
  + 'work works working thing things way ways something anything one able possible mean means meaning do happen happens happened look say says much many long often help '
  + 'take takes keep put question answer machen brauche mochte zeige erklare faire utiliser hacer usar'
).split(' '))
const ASKING_WEIGHT = 0.3
/** A question is cut here; what comes later is not looked for. */
const MOST_WORDS = 64

/** What to look for, given the languages in which the documents are written. Each different word once. */
export function toQuestionWords(text: string, written: readonly Language[]): readonly QuestionWord[] {
  const asked = languageOf(text)
  const heard = asked === 'other' ? written : [asked]
  const found = new Map<string, QuestionWord>()
  for (const word of cut(text.slice(0, 4_000))) {
    if (found.size >= MOST_WORDS) break
    if (heard.some((language) => isFunctionWord(word, language))) continue
    const terms = written.flatMap((language) => (language === 'english' ? synonymsOf(word) : [word]).map((form) => stem(form, language)))
    const known = [...found.values()].some((other) => other.terms[0] === terms[0])
    if (!known) found.set(word, { word, terms: [...new Set(terms)], weight: asking.has(word) ? ASKING_WEIGHT : 1 })
  }
  return [...found.values()]
}
