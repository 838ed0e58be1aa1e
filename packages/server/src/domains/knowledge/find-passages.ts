import { cut, languages, toTerms, type Language, type Question, type QuestionWord } from '../../kernel/words/index.ts'
import { openIfWhole } from '../../kernel/seal.ts'
import type { GroundingPassage } from '../../ports/model-provider.ts'
import { passagePlace, titlePlace, type OpenCollection } from './index-document.ts'
import { search, type SearchDeps } from './search.ts'

/** A passage for the model, and where it is from. `score` is the share of the question's words, by weight, that the passage holds: 0 to 1. */
export interface FoundPassage extends GroundingPassage { readonly passageId: string; readonly documentId: string }

/** So many of the best by their words are opened, and ordered anew with a look at their headings; */
const OPENED = 16
/** so many go to the model at most, */
const MOST_PASSAGES = 6
/** and none that holds less of the question than this, */
const LEAST_SCORE = 0.15
/** or fits less well than this share of the best. */
const LEAST_SHARE_OF_BEST = 0.4
/** What a heading that says just what was asked adds to the rank. */
const HEADING_WEIGHT = 1
/** Two questions about one thing differ in these. */
const INTERROGATIVES: ReadonlySet<string> = new Set(['what', 'where', 'when', 'who', 'why', 'which', 'how'])
const ASKED_WEIGHT = 0.5
/** Characters of a question in which they are looked for. */
const LOOKED_AT = 4_000

/** The best passages of opened collections for a question, opened and numbered from 1. */
export async function findPassages(deps: SearchDeps, opened: readonly OpenCollection[], question: Question): Promise<readonly FoundPassage[]> {
  const { words, ranked } = await search(deps, opened, question)
  const asked = [...words, ...interrogatives(question.text).map((word): QuestionWord => ({ word, terms: [word], weight: ASKED_WEIGHT }))]
  const candidates = ranked.filter(({ share }) => share >= LEAST_SCORE).slice(0, OPENED)
  if (candidates.length === 0) return []
  const rows = new Map((await deps.store.passages(candidates.map(({ passageId }) => passageId))).map((row) => [row.id, row]))
  const documents = new Map((await deps.store.documents([...new Set([...rows.values()].map((row) => row.document_id))])).map((row) => [row.id, row]))
  const sealers = new Map(opened.map(({ collection, sealer }) => [collection.id, sealer]))
  const found = candidates.flatMap(({ passageId, rank, share }) => {
    const row = rows.get(passageId)
    const document = documents.get(row?.document_id ?? '')
    const sealer = sealers.get(row?.collection_id ?? '')
    // Deleted since it was ranked.
    if (row === undefined || document === undefined || sealer === undefined) return []
    const title = openIfWhole(sealer, titlePlace(document.id), document.title_sealed)
    const heading = openIfWhole(sealer, passagePlace(row.id, 'heading_sealed'), row.heading_sealed)
    const text = openIfWhole(sealer, passagePlace(row.id, 'text_sealed'), row.text_sealed)
    // What was damaged is no passage: no model is given a part of one, or one that nobody can cite.
    if (title === null || heading === null || text === null) return []
    const language = languages.find((one) => one === document.language) ?? 'other'
    const fit = rank * (1 + HEADING_WEIGHT * agreement(heading === '' ? title : heading.split(' › ').at(-1) ?? '', asked, language))
    return [{ passageId, documentId: document.id, title, heading, score: share, text, fit }]
  }).toSorted((left, right) => right.fit - left.fit)
  const least = LEAST_SHARE_OF_BEST * (found[0]?.fit ?? 0)
  return found.filter(({ fit }) => fit >= least).slice(0, MOST_PASSAGES).map(({ fit: _, ...passage }, at) => ({ ...passage, number: at + 1 }))
}

/** How far a heading asks what the question asks: 1 when both have the same words, 0 when none (their F-measure). */
function agreement(heading: string, words: readonly QuestionWord[], language: Language): number {
  const said = new Set([...toTerms(heading, language), ...interrogatives(heading)])
  const whole = words.reduce((sum, { weight }) => sum + weight, 0)
  const matched = words.filter(({ terms }) => terms.some((term) => said.has(term)))
  if (matched.length === 0 || whole === 0) return 0
  const recall = matched.reduce((sum, { weight }) => sum + weight, 0) / whole
  const precision = Math.min(1, matched.length / said.size)
  return (2 * recall * precision) / (recall + precision)
}

const interrogatives = (text: string) => [...cut(text.slice(0, LOOKED_AT))].filter((word) => INTERROGATIVES.has(word))
