import type { AddedDocument, Document, Passage } from '@sallyport/contract'
import { WriteConflict, type WriteStep } from '../../database/database.ts'
import { toMoment } from '../../kernel/clock.ts'
import type { Caller } from '../../kernel/handler.ts'
import { ProblemError } from '../../kernel/problem.ts'
import { requireScope } from '../../kernel/require-scope.ts'
import type { Restriction } from '../../kernel/restriction.ts'
import type { Scope } from '../../kernel/scope.ts'
import { openIfWhole } from '../../kernel/seal.ts'
import { mayOpenCollection } from '../../policy/restrictions.ts'
import type { PassageIndex } from '../../ports/passage-index.ts'
import { auditStep } from '../audit/index.ts'
import { createAccess, type AccessDeps } from './access.ts'
import { findPassages, type FoundPassage } from './find-passages.ts'
import { loadHandbook, type HandbookFile } from './handbook.ts'
import { cleanText, documentSteps, passagePlace, removalSteps, titlePlace, type OpenCollection } from './index-document.ts'
import type { MediaType } from './passages.ts'
import { createKnowledgeStore } from './store.ts'
import type { DocumentTable } from './tables.ts'

export interface KnowledgeDeps extends AccessDeps {
  readonly index: PassageIndex
  /** Leaves out of a text what policy does not allow to be stored (PRI-2). */
  readonly keepable: (text: string) => Promise<{ readonly text: string; readonly masked: readonly { readonly type: string; readonly count: number }[] }>
}
/** What stands where something was damaged in the store. */
const unreadableTitle = 'A title that cannot be read'
const unreadableText = 'This passage cannot be read: it was damaged in the store.'
interface DocumentRequest { readonly title: string; readonly text: string; readonly mediaType: MediaType; readonly collection: 'shared' | 'mine' }

/** Documents and the passages that answers draw on. Everyone reads the handbook and what is shared; what is another's does not exist (KNO-4). */
export function createKnowledge(deps: KnowledgeDeps) {
  const { database, clock } = deps
  const store = createKnowledgeStore(database)
  const access = createAccess(store, deps)
  const parts = { ...deps, store, access }

  return {
    /** Newest first. */
    async listDocuments(caller: Caller, { limit, before }: { readonly limit: number; readonly before?: string | undefined }) {
      const opened = await access.visible(requireScope(caller), caller.restriction)
      if (opened.length === 0) return { items: [], next: null }
      const rows = await store.documentPage(opened.map(({ collection }) => collection.id), before, limit)
      const items = rows.flatMap((row) => opened.filter(({ collection }) => collection.id === row.collection_id).map((open) => toDocument(row, open)))
      return { items, next: rows.length === limit ? rows.at(-1)?.id ?? null : null }
    },

    /** Throws `invalid-request` for a document without words and `not-allowed` for one that the caller may not share. */
    async addDocument(caller: Caller, request: DocumentRequest): Promise<AddedDocument> {
      const { accountId } = requireScope(caller)
      if (!mayOpenCollection(caller.restriction, request.collection)) throw new ProblemError('not-allowed', { detail: 'This API key is limited to other collections. Use another key, or change its scopes.' })
      if (request.collection === 'shared') requireSharing(caller)
      const open = await access.ensure(request.collection, request.collection === 'shared' ? 'shared' : accountId)
      const [title, kept] = [await deps.keepable(request.title), await deps.keepable(cleanText(request.text))]
      const { row, steps } = await documentSteps(parts, open, { title: title.text, text: kept.text, mediaType: request.mediaType, source: null })
      if (row.passages === 0) throw new ProblemError('invalid-request', { detail: 'The document holds no words. Add a text or Markdown file with some text in it.' })
      await database.write([...steps, auditStep(caller, { at: clock.now(), action: 'document-added', detail: { documentId: row.id, collection: request.collection, passages: row.passages } })])
      return { ...toDocument(row, open), masked: [...kept.masked] }
    },

    /** Gone from the index when this resolves. Throws `not-found`, and `not-allowed` for what others rely on. */
    async deleteDocument(caller: Caller, documentId: string): Promise<void> {
      const { row, open } = await access.document(caller, documentId)
      if (open.collection.kind === 'handbook') throw new ProblemError('not-allowed', { detail: 'The handbook belongs to the server and cannot be deleted.' })
      if (open.collection.kind === 'shared') requireSharing(caller)
      const steps = await removalSteps(parts, row)
      try {
        await database.write([...steps, auditStep(caller, { at: clock.now(), action: 'document-deleted', detail: { documentId, collection: open.collection.kind } })])
      } catch (error) {
        throw error instanceof WriteConflict ? new ProblemError('not-found') : error
      }
    },

    /** Throws `not-found`, also for a passage of another's document. */
    async getPassage(caller: Caller, passageId: string): Promise<Passage> {
      const { row, open: { sealer } } = await access.passage(caller, passageId)
      const [document, before, after] = await Promise.all([
        store.document([row.collection_id], row.document_id), store.passageAt(row.document_id, row.position - 1), store.passageAt(row.document_id, row.position + 1),
      ])
      if (document === null) throw new ProblemError('not-found')
      const textOf = (passage: typeof before) => (passage === null ? '' : openIfWhole(sealer, passagePlace(passage.id, 'text_sealed'), passage.text_sealed))
      const opened = { title: openIfWhole(sealer, titlePlace(document.id), document.title_sealed), heading: openIfWhole(sealer, passagePlace(row.id, 'heading_sealed'), row.heading_sealed), text: textOf(row), before: textOf(before), after: textOf(after) }
      return {
        id: row.id, documentId: row.document_id, title: opened.title ?? unreadableTitle, heading: opened.heading ?? '', text: opened.text ?? unreadableText, before: opened.before ?? unreadableText, after: opened.after ?? unreadableText,
        ...(Object.values(opened).includes(null) && { unreadable: true }),
      }
    },

    /** The steps that erase an account's own documents, with what the index has of them (PRI-4). */
    eraseSteps: (accountId: string): readonly WriteStep[] => [{ query: deps.index.removeOwner(accountId) }, ...store.deleteCollectionOf(accountId)],

    /** What the documents that this scope, and its key, may read say to the last of some questions, newest last: best first, numbered from 1. Empty when they say nothing. */
    async searchPassages(scope: Scope, questions: readonly string[], restriction: Restriction | null): Promise<readonly FoundPassage[]> {
      return findPassages(parts, await access.visible(scope, restriction), { text: questions.at(-1) ?? '', earlier: questions.slice(0, -1) })
    },

    loadHandbook: (files: readonly HandbookFile[]) => loadHandbook(parts, files),
  }
}
export type Knowledge = ReturnType<typeof createKnowledge>

function requireSharing(caller: Caller): void {
  if (!caller.permissions.has('knowledge:share')) throw new ProblemError('not-allowed', { detail: 'You may add and delete documents of your own. Ask an administrator to change what is shared.' })
}

function toDocument(row: DocumentTable, { collection, sealer }: OpenCollection): Document {
  const title = openIfWhole(sealer, titlePlace(row.id), row.title_sealed)
  return { id: row.id, collection: collection.kind, title: title ?? unreadableTitle, createdAt: toMoment(row.created_at), passages: row.passages, ...(title === null && { unreadable: true }) }
}
