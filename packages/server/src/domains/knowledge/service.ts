import type { Passage } from '@sallyport/contract'
import { WriteConflict, type WriteStep } from '../../database/database.ts'
import type { Caller } from '../../kernel/handler.ts'
import { ProblemError } from '../../kernel/problem.ts'
import { requireScope } from '../../kernel/require-scope.ts'
import type { Restriction } from '../../kernel/restriction.ts'
import type { Scope } from '../../kernel/scope.ts'
import { openIfWhole } from '../../kernel/seal.ts'
import { auditStep } from '../audit/index.ts'
import { createAccess, requireSharing, type AccessDeps } from './access.ts'
import { createDocumentAdder, type AddDeps } from './add-document.ts'
import { findPassages, type FoundPassage } from './find-passages.ts'
import { loadHandbook, type HandbookFile } from './handbook.ts'
import { passagePlace, removalSteps, titlePlace } from './index-document.ts'
import { createKnowledgeStore } from './store.ts'
import { toDocument, unreadableText, unreadableTitle } from './to-document.ts'

export type KnowledgeDeps = AccessDeps & Pick<AddDeps, 'index' | 'keepable' | 'caps'>

/** Documents and the passages that answers draw on. Everyone reads the handbook and what is shared; what is another's does not exist (KNO-4). */
export function createKnowledge(deps: KnowledgeDeps) {
  const { database, clock } = deps
  const store = createKnowledgeStore(database)
  const access = createAccess(store, deps)
  const parts = { ...deps, store, access }
  const addDocument = createDocumentAdder(parts)

  return {
    /** Newest first. */
    async listDocuments(caller: Caller, { limit, before }: { readonly limit: number; readonly before?: string | undefined }) {
      const opened = await access.visible(requireScope(caller), caller.restriction)
      if (opened.length === 0) return { items: [], next: null }
      const rows = await store.documentPage(opened.map(({ collection }) => collection.id), before, limit)
      const items = rows.flatMap((row) => opened.filter(({ collection }) => collection.id === row.collection_id).map((open) => toDocument(row, open)))
      return { items, next: rows.length === limit ? rows.at(-1)?.id ?? null : null }
    },

    addDocument,

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

    /** What an account's own documents are and take up, and what they may. */
    async stored({ accountId }: Scope) {
      const own = await store.collectionOf(accountId)
      return { count: own?.documents ?? 0, bytes: own?.bytes ?? 0, mostCount: deps.caps.mine.documents, limit: deps.caps.mine.bytes }
    },

    /** What the documents that this scope, and its key, may read say to the last of some questions, newest last: best first, numbered from 1. Empty when they say nothing. */
    async searchPassages(scope: Scope, questions: readonly string[], restriction: Restriction | null): Promise<readonly FoundPassage[]> {
      return findPassages(parts, await access.visible(scope, restriction), { text: questions.at(-1) ?? '', earlier: questions.slice(0, -1) })
    },

    loadHandbook: (files: readonly HandbookFile[]) => loadHandbook(parts, files),
  }
}
export type Knowledge = ReturnType<typeof createKnowledge>
