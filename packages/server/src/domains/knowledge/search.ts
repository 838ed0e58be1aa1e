import { createWordHasher, hasSubject, languages, wordsOf, type Language, type Question, type QuestionWord } from '../../kernel/words/index.ts'
import type { PassageIndex } from '../../ports/passage-index.ts'
import { wordKeyOf, type OpenCollection } from './index-document.ts'
import { createCounter } from './postings.ts'
import { createMeasure, type Fit } from './rank.ts'
import type { KnowledgeStore } from './store.ts'

export interface SearchDeps { readonly store: KnowledgeStore; readonly index: PassageIndex }
export interface Ranked extends Fit { readonly passageId: string; readonly number: number }
export interface Found { readonly words: readonly QuestionWord[]; readonly ranked: readonly Ranked[] }

/** Rare words choose the candidates; once so many passages are chosen, more frequent words only rank. */
const ENOUGH_CANDIDATES = 800
const MOST_CANDIDATES = 2_000
/** Words by which people ask choose nothing. */
const LEAST_WEIGHT = 0.35

interface Asked extends QuestionWord { readonly hashes: ReadonlyMap<string, readonly string[]>; readonly passages: number }

/** The passages of some collections that fit a question best, best first; passages that hold nothing of its subject are not among them. */
export async function search(deps: SearchDeps, opened: readonly OpenCollection[], question: Question): Promise<Found> {
  const ids = opened.map(({ collection }) => collection.id)
  if (ids.length === 0) return { words: [], ranked: [] }
  const written = (await deps.store.languagesOf(ids)).filter(isLanguage)
  const words = wordsOf(question, written)
  // A question made only of asking words (“how does it work?”) has no subject to look for.
  if (!hasSubject(words)) return { words, ranked: [] }
  const asked = await look(deps.store, opened, words)
  const statistics = {
    passages: opened.reduce((sum, { collection }) => sum + collection.passages, 0),
    words: opened.reduce((sum, { collection }) => sum + collection.words, 0),
  }
  const measure = createMeasure(asked, statistics)
  const numbers = await deps.index.candidates(choosing(asked).flatMap(({ hashes }) => [...hashes.values()].flat()), MOST_CANDIDATES)
  const packed = new Map(ids.map((id) => [id, asked.map(({ hashes }) => (hashes.get(id) ?? []).map((hash) => Buffer.from(hash, 'hex')))]))
  const ranked = (await deps.store.candidates(ids, numbers)).map((candidate) => {
    const count = createCounter(candidate.postings)
    const counts = (packed.get(candidate.collection_id) ?? []).map((hashes) => hashes.reduce((sum, hash) => sum + count(hash), 0))
    return { passageId: candidate.id, number: candidate.number, ...measure(counts, candidate.words) }
  })
  return { words, ranked: ranked.toSorted((left, right) => right.rank - left.rank || left.number - right.number) }
}

const isLanguage = (text: string): text is Language => languages.some((language) => language === text)

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
  return asked.filter(({ passages, weight }) => passages > 0 && weight >= LEAST_WEIGHT)
    .toSorted((left, right) => left.passages - right.passages)
    .filter(({ passages }) => {
      const taken = chosen < ENOUGH_CANDIDATES
      if (taken) chosen += passages
      return taken
    })
}
