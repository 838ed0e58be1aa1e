import { cut } from './cut.ts'
import { isFunctionWord, languageOf, type Language } from './languages.ts'
import { stem } from './stem.ts'
import { synonymsOf } from './synonyms.ts'

/** Kept with each indexed passage. Raise it whenever `fold`, `cut`, `stem` or the function words change what they give. */
export const TOKENISER_VERSION = 1

/** Gives the terms of texts in one language, in order and with repeats, without function words. Remembers words: make one per document. */
export function createTermReader(language: Language): (text: string) => Generator<string> {
  const known = new Map<string, string | null>()
  return function* (text) {
    for (const word of cut(text)) {
      let term = known.get(word)
      if (term === undefined) {
        term = isFunctionWord(word, language) ? null : stem(word, language)
        known.set(word, term)
      }
      if (term !== null) yield term
    }
  }
}
/** The terms of one text. */
export const toTerms = (text: string, language: Language): Generator<string> => createTermReader(language)(text)

/** One word of a question, as it may stand in the index, and how much it counts. */
export interface QuestionWord { readonly word: string; readonly terms: readonly string[]; readonly weight: number }

/** Words by which people ask, rather than what they ask about, folded. They still help to choose between passages. */
const asking = new Set((
  'use uses using used make made making create generate get getting got give given need needs needed want wants wanted like please tell show explain describe find know let go going '
  + 'work works working thing things way ways something anything one able possible mean means meaning do happen happens happened look say says much many long often help '
  + 'take takes keep put question answer exactly actually really currently usually '
  + 'machen macht mache brauche brauchen mochte zeige erklare erklaren sage hoch gross lang lange viel viele oft gibt geht bitte genau eigentlich finde bekomme benutze verwende '
  + 'faire fait faut peut peux veux trouver utiliser expliquer combien besoin avoir obtenir '
  + 'hacer hago hace usar necesito quiero explicar encontrar cuanto cuanta cuantos cuantas hay '
  + 'fare faccio uso usare voglio spiegare trovare quanto quanta quanti quante fazer faco preciso quero quantos quantas '
  + 'maken doen gebruiken nodig wil hoeveel gjor lage bruke trenger mange mye hur manga mycket'
).split(' '))
const ASKING_WEIGHT = 0.3
/** Pairs of characters that are grammar more often than subject: those with Hiragana, and with the commonest Chinese particles and question words. */
const GRAMMAR_PAIR = /[\p{Script=Hiragana}的是了吗嗎呢吧哪怎样樣么麼什谁誰几幾何有多少能会會可以天个個我你您他她它这這那请請]/u
const HANGUL = /^\p{Script=Hangul}/u
/** A question is cut here; what comes later is not looked for. */
const MOST_WORDS = 64

/** What a word of a question counts. The first pair of a Korean word is mostly its stem, and the later ones its endings. */
function weightOf(word: string, before: string): number {
  const isEnding = HANGUL.test(word) && before.length > 1 && before.endsWith(word.slice(0, 1)) && HANGUL.test(before)
  return asking.has(word) || GRAMMAR_PAIR.test(word) || isEnding ? ASKING_WEIGHT : 1
}

/** What to look for, given the languages in which the documents are written. Each different word once. */
export function toQuestionWords(text: string, written: readonly Language[]): readonly QuestionWord[] {
  const asked = languageOf(text)
  const heard = asked === 'other' ? written : [asked]
  const found = new Map<string, QuestionWord>()
  let before = ''
  for (const word of cut(text.slice(0, 4_000))) {
    if (found.size >= MOST_WORDS) break
    const weight = weightOf(word, before)
    before = word
    if (heard.some((language) => isFunctionWord(word, language))) continue
    const terms = written.flatMap((language) => (language === 'english' ? synonymsOf(word) : [word]).map((form) => stem(form, language)))
    const known = [...found.values()].some((other) => other.terms[0] === terms[0])
    if (!known) found.set(word, { word, terms: [...new Set(terms)], weight })
  }
  return [...found.values()]
}
