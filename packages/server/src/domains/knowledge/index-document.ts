import { setImmediate as others } from 'node:timers/promises'
import type { Clock } from '../../kernel/clock.ts'
import { newId } from '../../kernel/ids.ts'
import { keyedHash, type Sealer } from '../../kernel/seal.ts'
import { createTermReader, createWordHasher, languageOf, TOKENISER_VERSION } from '../../kernel/words/index.ts'
import type { WriteStep } from '../../database/database.ts'
import type { PassageIndex } from '../../ports/passage-index.ts'
import { piecesAndPauses, type MediaType } from './passages.ts'
import { packPostings, unpackPostings } from './postings.ts'
import type { Collection, KnowledgeStore } from './store.ts'

export interface NewDocument { readonly title: string; readonly text: string; readonly mediaType: MediaType; readonly source: string | null }
export interface IndexDeps { readonly store: KnowledgeStore; readonly index: PassageIndex; readonly clock: Clock }
/** A collection with what opens it. */
export interface OpenCollection { readonly collection: Collection; readonly sealer: Sealer }

/** A heading says more of what a passage is about than a word in it. */
const HEADING_REPEATS = 2
/** How many passages are cut before others get their turn, whether there are words in them or not. */
const PASSAGES_AT_ONCE = 4

export const titlePlace = (documentId: string) => ({ table: 'document', rowId: documentId, column: 'title_sealed' })
export const passagePlace = (passageId: string, column: 'heading_sealed' | 'text_sealed') => ({ table: 'passage', rowId: passageId, column })
export const wordKeyOf = ({ collection, sealer }: OpenCollection) => sealer.derive(`words of ${collection.id}`)
/** Tells an unchanged document, without keeping anything that could be looked up from outside. */
export const contentLookup = (open: OpenCollection, { title, text }: Pick<NewDocument, 'title' | 'text'>): Uint8Array =>
  keyedHash(open.sealer.derive(`content of ${open.collection.id}`), JSON.stringify([title, text]))

/** The text as it is kept: line ends alike, no byte order mark, no null characters. */
export const cleanText = (text: string): string => text.replace(/^\uFEFF/, '').replace(/\r\n?/g, '\n').replaceAll('\0', '')

/** Cuts, hashes and seals a document, letting others work in between. The steps are one batch: a document is there with all of its passages or not at all. */
export async function documentSteps({ store, index, clock }: IndexDeps, open: OpenCollection, document: NewDocument) {
  const { collection, sealer } = open
  const at = clock.now()
  const documentId = newId('document', at)
  const language = languageOf(document.text)
  const hash = createWordHasher(wordKeyOf(open))
  const read = createTermReader(language)
  const counts = new Map<string, number>()
  const steps: WriteStep[] = []
  let passages = 0
  let words = 0
  let cut = 0
  const titleSealed = sealer.seal(titlePlace(documentId), document.title)
  let bytes = titleSealed.byteLength
  for (const piece of piecesAndPauses(document.text, document.mediaType)) {
    cut += 1
    if (piece === null || cut % PASSAGES_AT_ONCE === 0) await others()
    if (piece === null) continue
    const heading = headingBeneath(document.title, piece.heading)
    const found = countWords({ title: document.title, heading, text: piece.text }, (text) => Array.from(read(text), hash))
    if (found.words === 0) continue
    const passageId = newId('passage', at)
    const sealed = {
      heading_sealed: sealer.seal(passagePlace(passageId, 'heading_sealed'), heading), text_sealed: sealer.seal(passagePlace(passageId, 'text_sealed'), piece.text),
      postings: packPostings(found.counts),
    }
    bytes += sealed.heading_sealed.byteLength + sealed.text_sealed.byteLength + sealed.postings.byteLength
    steps.push(store.insertPassage({
      id: passageId, document_id: documentId, collection_id: collection.id, position: passages, from_offset: piece.from, to_offset: piece.to, words: found.words, ...sealed,
    }), { query: index.add({ passageId, words: [...found.counts.keys()].toSorted() }) })
    passages += 1
    words += found.words
    for (const word of found.counts.keys()) counts.set(word, (counts.get(word) ?? 0) + 1)
  }
  const row = {
    id: documentId, collection_id: collection.id, source: document.source, title_sealed: titleSealed, bytes,
    content_lookup: contentLookup(open, document), language, tokeniser: TOKENISER_VERSION, passages, created_at: at,
  }
  return { row, steps: [store.insertDocument(row), ...steps, ...store.grow({ collectionId: collection.id, passages, words, documents: 1, bytes, counts })] }
}

/** Takes a document away with all that it brought into the index. */
export async function removalSteps({ store, index }: Pick<IndexDeps, 'store' | 'index'>, document: { readonly id: string; readonly collection_id: string }): Promise<readonly WriteStep[]> {
  const counts = new Map<string, number>()
  let words = 0
  let passages = 0
  for (const passage of await store.postingsOf(document.id)) {
    passages += 1
    words += passage.words
    for (const [word] of unpackPostings(passage.postings)) counts.set(word, (counts.get(word) ?? 0) - 1)
  }
  return [
    { query: index.removeDocument(document.id) },
    ...store.grow({ collectionId: document.collection_id, passages: -passages, words: -words, documents: -1, bytes: -await store.bytesOf(document.id), counts }),
    store.forgetUnused(document.collection_id),
    store.deleteDocument(document.id),
  ]
}

/** A document's first heading is mostly its title: say it once. */
const headingBeneath = (title: string, heading: string) => (heading === title ? '' : heading.startsWith(`${title} › `) ? heading.slice(title.length + 3) : heading)

interface Parts { readonly title: string; readonly heading: string; readonly text: string }

/** How often each hash stands in a passage with its headings; nothing where the passage itself has no words. */
function countWords({ title, heading, text }: Parts, hashes: (text: string) => Iterable<string>) {
  const counts = new Map<string, number>()
  let words = 0
  const count = (part: string, times: number) => {
    for (const word of hashes(part)) {
      counts.set(word, (counts.get(word) ?? 0) + times)
      words += times
    }
  }
  count(text, 1)
  if (words > 0) {
    count(title, 1)
    count(heading, HEADING_REPEATS)
  }
  return { counts, words }
}
