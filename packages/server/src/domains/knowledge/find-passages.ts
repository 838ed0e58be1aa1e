import type { Question } from '../../kernel/words/index.ts'
import type { GroundingPassage } from '../../ports/model-provider.ts'
import { passagePlace, titlePlace, type OpenCollection } from './index-document.ts'
import { search, type SearchDeps } from './search.ts'

/** A passage for the model, and where it is from. `score` is the share of the question that the passage holds, about 0 to 1. */
export interface FoundPassage extends GroundingPassage { readonly passageId: string; readonly documentId: string }

/** So many passages go to the model at most, */
const MOST_PASSAGES = 6
/** and none that holds less of the question than this, */
const LEAST_SCORE = 0.1
/** or less than this share of what the best one holds. */
const LEAST_SHARE_OF_BEST = 0.35

/** The best passages of opened collections for a question, opened and numbered from 1. */
export async function findPassages(deps: SearchDeps, opened: readonly OpenCollection[], question: Question): Promise<readonly FoundPassage[]> {
  const ranked = await search(deps, opened, question)
  const least = Math.max(LEAST_SCORE, LEAST_SHARE_OF_BEST * (ranked[0]?.score ?? 0))
  const chosen = ranked.slice(0, MOST_PASSAGES).filter(({ score }) => score >= least)
  if (chosen.length === 0) return []
  const rows = await deps.store.passages(chosen.map(({ passageId }) => passageId))
  const documents = await deps.store.documents([...new Set(rows.map((row) => row.document_id))])
  return chosen.flatMap(({ passageId, score }) => {
    const row = rows.find(({ id }) => id === passageId)
    const document = documents.find(({ id }) => id === row?.document_id)
    const open = opened.find(({ collection }) => collection.id === row?.collection_id)
    // Deleted since it was ranked.
    if (row === undefined || document === undefined || open === undefined) return []
    const { sealer } = open
    return [{
      passageId, documentId: document.id, score, title: sealer.open(titlePlace(document.id), document.title_sealed),
      heading: sealer.open(passagePlace(row.id, 'heading_sealed'), row.heading_sealed), text: sealer.open(passagePlace(row.id, 'text_sealed'), row.text_sealed),
    }]
  }).map((passage, at) => ({ ...passage, number: at + 1 }))
}
