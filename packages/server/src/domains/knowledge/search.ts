import { languages, toQuestionWords, type Language, type QuestionWord } from '../../kernel/words/index.ts'
import type { PassageIndex } from '../../ports/passage-index.ts'
import { wordKeyOf, type OpenCollection } from './index-document.ts'
import { createCounter, createWordHasher } from './postings.ts'
import { createScorer } from './rank.ts'
import type { KnowledgeStore } from './store.ts'

export interface Question {
  readonly text: string
  /** What was asked before in the same conversation, newest last: it lends its words to a question that has too few of its own. */
  readonly earlier?: readonly string[]
}
export interface SearchDeps { readonly store: KnowledgeStore; readonly index: PassageIndex }
export interface Ranked { readonly passageId: string; readonly collectionId: string; readonly score: number }

/** Rare words choose the candidates; once so many passages are chosen, more frequent words only rank. */
const ENOUGH_CANDIDATES = 800
const MOST_CANDIDATES = 2_000
/** What a word of an earlier question counts. */
const EARLIER_WEIGHT = 0.6
/** With fewer words of its own a question leans on the one before. */
const FEW_WORDS = 2
/** Pronouns that point back, in the languages of the function words. */
const POINTS_BACK = /\b(?:it|its|that|this|them|those|these|there|same|es|das|dies|damit|davon|ca|cela|eso|esto)\b/iu

interface Asked extends QuestionWord { readonly hashes: ReadonlyMap<string, readonly string[]>; readonly passages: number }

/** The passages of some collections that fit a question best, best first; passages that hold nothing of its subject are not among them. */
export async function search(deps: SearchDeps, opened: readonly OpenCollection[], question: Question): Promise<readonly Ranked[]> {
  const ids = opened.map(({ collection }) => collection.id)
  if (ids.length === 0) return []
  const written = (await deps.store.languagesOf(ids)).filter(isLanguage)
  const words = wordsOf(question, written)
  // A question made only of asking words (“how does it work?”) has no subject to look for.
  if (!words.some(({ weight }) => weight >= EARLIER_WEIGHT)) return []
  const asked = await look(deps.store, opened, words)
  const statistics = {
    passages: opened.reduce((sum, { collection }) => sum + collection.passages, 0),
    words: opened.reduce((sum, { collection }) => sum + collection.words, 0),
  }
  const score = createScorer(asked, statistics)
  const numbers = await deps.index.candidates(choosing(asked).flatMap(({ hashes }) => [...hashes.values()].flat()), MOST_CANDIDATES)
  const packed = new Map(ids.map((id) => [id, asked.map(({ hashes }) => (hashes.get(id) ?? []).map((hash) => Buffer.from(hash, 'hex')))]))
  const ranked = (await deps.store.candidates(ids, numbers)).map((candidate) => {
    const count = createCounter(candidate.postings)
    const counts = (packed.get(candidate.collection_id) ?? []).map((hashes) => hashes.reduce((sum, hash) => sum + count(hash), 0))
    return { passageId: candidate.id, collectionId: candidate.collection_id, number: candidate.number, score: score(counts, candidate.words) }
  })
  return ranked.toSorted((left, right) => right.score - left.score || left.number - right.number)
}

const isLanguage = (text: string): text is Language => languages.some((language) => language === text)

/** The question's words, and those of the one before where it has too few of its own or points back. */
export function wordsOf({ text, earlier = [] }: Question, written: readonly Language[]): readonly QuestionWord[] {
  const own = toQuestionWords(text, written)
  const before = earlier.at(-1)
  const subjects = own.filter(({ weight }) => weight === 1).length
  if (before === undefined || subjects > FEW_WORDS || (subjects > 0 && !POINTS_BACK.test(text) && !isFollowUp(text))) return own
  const known = new Set(own.map(({ terms }) => terms[0]))
  const lent = wordsOf({ text: before, earlier: earlier.slice(0, -1) }, written).filter(({ terms }) => !known.has(terms[0]))
  return [...own, ...lent.map((word) => ({ ...word, weight: word.weight * EARLIER_WEIGHT }))]
}

/** “And with Docker?” */
const isFollowUp = (text: string) => /^\s*(?:and|or|but|also|then|und|oder|aber|et|ou|mais|y|o|pero)\b/iu.test(text)

async function look(store: KnowledgeStore, opened: readonly OpenCollection[], words: readonly QuestionWord[]): Promise<readonly Asked[]> {
  const found = new Map<string, number>()
  const hashes = words.map(() => new Map<string, readonly string[]>())
  for (const open of opened) {
    const hash = createWordHasher(wordKeyOf(open))
    const all = words.map(({ terms }) => terms.map(hash))
    all.forEach((some, at) => hashes[at]?.set(open.collection.id, some))
    for (const { word, passages } of await store.wordCounts(open.collection.id, [...new Set(all.flat())])) found.set(word, passages)
  }
  return words.map((word, at) => {
    const own = hashes[at] ?? new Map<string, readonly string[]>()
    return { ...word, hashes: own, passages: [...own.values()].reduce((sum, some) => sum + Math.max(0, ...some.map((hash) => found.get(hash) ?? 0)), 0) }
  })
}

/** The words whose passages are worth ranking: the rarest, until enough passages are chosen. */
function choosing(asked: readonly Asked[]): readonly Asked[] {
  let chosen = 0
  return asked.filter(({ passages, weight }) => passages > 0 && weight > EARLIER_WEIGHT / 2)
    .toSorted((left, right) => left.passages - right.passages)
    .filter(({ passages }) => {
      const taken = chosen < ENOUGH_CANDIDATES
      if (taken) chosen += passages
      return taken
    })
}
