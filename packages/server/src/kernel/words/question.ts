import type { Language } from './languages.ts'
import { toQuestionWords, type QuestionWord } from './terms.ts'

export interface Question {
  readonly text: string
  /** What was asked before in the same conversation, newest last: it lends its words to a question that has too few of its own. */
  readonly earlier?: readonly string[]
}

/** What a word of the earlier question counts. */
export const EARLIER_WEIGHT = 0.6
/** With fewer subjects of its own a question may lean on the one before. */
const FEW_SUBJECTS = 1
/** How far back a chain of leaning questions is followed. */
const EARLIER_QUESTIONS = 4
const POINTS_BACK = /\b(?:it|its|that|this|them|those|these|there|same|es|das|dies|damit|davon|ca|cela|eso|esto)\b/iu
const GOES_ON = /^\s*(?:and|or|but|also|then|und|oder|aber|et|ou|mais|y|o|pero)\b/iu

/** The question's words, and those of the one before where it has too few of its own and goes on or points back. */
export function wordsOf({ text, earlier = [] }: Question, written: readonly Language[]): readonly QuestionWord[] {
  const own = toQuestionWords(text, written)
  const before = earlier.at(-1)
  if (before === undefined || !leansBack(text, own)) return own
  const known = new Set(own.map(({ terms }) => terms[0]))
  const lent = wordsOf({ text: before, earlier: earlier.slice(-EARLIER_QUESTIONS, -1) }, written).filter(({ terms }) => !known.has(terms[0]))
  return [...own, ...lent.map((word) => ({ ...word, weight: word.weight * EARLIER_WEIGHT }))]
}

function leansBack(text: string, own: readonly QuestionWord[]): boolean {
  const subjects = own.filter(({ weight }) => weight === 1).length
  return subjects === 0 || (subjects <= FEW_SUBJECTS && (POINTS_BACK.test(text) || GOES_ON.test(text)))
}

/** Whether a question names something to look for, beside the words by which people ask. */
export const hasSubject = (words: readonly QuestionWord[]): boolean => words.some(({ weight }) => weight >= EARLIER_WEIGHT)
