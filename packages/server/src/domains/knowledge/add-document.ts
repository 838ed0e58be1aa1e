import type { AddedDocument } from '@sallyport/contract'
import type { Database } from '../../database/database.ts'
import { writeUnlessConflict } from '../../database/write-unless-conflict.ts'
import type { Caller } from '../../kernel/handler.ts'
import { ProblemError } from '../../kernel/problem.ts'
import { requireScope } from '../../kernel/require-scope.ts'
import { documentRetrySeconds, type DocumentCap } from '../../policy/limits.ts'
import { mayOpenCollection } from '../../policy/restrictions.ts'
import { refuseTooMuch } from '../../policy/too-much.ts'
import { auditStep } from '../audit/index.ts'
import { createAccountPlaces } from '../load/index.ts'
import { requireSharing, type createAccess } from './access.ts'
import { cleanText, documentSteps, type IndexDeps } from './index-document.ts'
import type { MediaType } from './passages.ts'
import { toDocument } from './to-document.ts'

/** What collections may hold, and how many documents of one account are indexed at once. */
export interface KnowledgeCaps { readonly mine: DocumentCap; readonly shared: DocumentCap; readonly atOnce: number }
interface DocumentRequest { readonly title: string; readonly text: string; readonly mediaType: MediaType; readonly collection: 'shared' | 'mine' }
export interface AddDeps extends IndexDeps {
  readonly database: Database
  readonly access: Pick<ReturnType<typeof createAccess>, 'ensure'>
  /** Leaves out of a text what policy does not allow to be stored (PRI-2). */
  readonly keepable: (text: string) => Promise<{ readonly text: string; readonly masked: readonly { readonly type: string; readonly count: number }[] }>
  readonly caps: KnowledgeCaps
}
const MEGABYTE = 1_000_000

/** Gives what adds a document. It throws `invalid-request` for a document without words, `not-allowed` for one that the caller may not share, and `too-many-requests` where there is no room for it, or too many of the caller's are being indexed. */
export function createDocumentAdder(deps: AddDeps) {
  const { clock, database, store, access } = deps
  const places = createAccountPlaces({
    most: deps.caps.atOnce, clock,
    refuse: () => refuseTooMuch('documents-at-once', `At most ${deps.caps.atOnce} documents of yours are indexed at the same time. Wait until one is, then add the next.`, documentRetrySeconds),
  })
  return async (caller: Caller, request: DocumentRequest): Promise<AddedDocument> => {
    const { accountId } = requireScope(caller)
    if (!mayOpenCollection(caller.restriction, request.collection)) throw new ProblemError('not-allowed', { detail: 'This API key is limited to other collections. Use another key, or change its scopes.' })
    if (request.collection === 'shared') requireSharing(caller)
    using _place = places.enter(accountId)
    const open = await access.ensure(request.collection, request.collection === 'shared' ? 'shared' : accountId)
    const cap = deps.caps[request.collection]
    // Before any work is done for it. What it takes up sealed, with what the search needs, is known afterwards, and is more than its text but for what is blank or left out.
    requireRoom(open.collection, { documents: 1, bytes: Buffer.byteLength(request.text) }, { kind: request.collection, cap })
    const [title, kept] = [await deps.keepable(request.title), await deps.keepable(cleanText(request.text))]
    const { row, steps } = await documentSteps(deps, open, { title: title.text, text: kept.text, mediaType: request.mediaType, source: null })
    if (row.passages === 0) throw new ProblemError('invalid-request', { detail: 'The document holds no words. Add a text or Markdown file with some text in it.' })
    const isWritten = await writeUnlessConflict(database, [...steps, store.within(open.collection.id, cap), auditStep(caller, { at: clock.now(), action: 'document-added', detail: { documentId: row.id, collection: request.collection, passages: row.passages } })])
    if (!isWritten) {
      const full = await store.collectionOf(open.collection.owner)
      if (full === null) throw new ProblemError('not-found')
      requireRoom(full, { documents: 1, bytes: row.bytes }, { kind: request.collection, cap })
      throw new ProblemError('conflict', { detail: 'Your documents were changed at the same moment. Add it again.' })
    }
    return { ...toDocument(row, open), masked: [...kept.masked] }
  }
}

interface Room { readonly kind: 'mine' | 'shared'; readonly cap: DocumentCap }
/** Throws `too-many-requests` where a collection has no room for what is to be added. */
function requireRoom({ documents, bytes }: DocumentCap, added: DocumentCap, { kind, cap }: Room): void {
  const whose = kind === 'mine' ? 'An account may have' : 'Everyone together may share'
  if (documents + added.documents > cap.documents) throw refuseTooMuch('documents', `${whose} ${cap.documents} documents. Delete some, then add it again.`)
  if (bytes + added.bytes > cap.bytes) throw refuseTooMuch('document-bytes', `${whose} ${cap.bytes / MEGABYTE} MB of documents as they are stored; ${megabytesOf(cap.bytes - bytes)} MB are left. Delete some, or add a shorter one.`)
}
const megabytesOf = (bytes: number) => Math.max(0, Math.floor(bytes / (MEGABYTE / 10)) / 10)
