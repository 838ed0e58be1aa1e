import { WriteConflict, type Database } from '../../database/database.ts'
import type { Clock } from '../../kernel/clock.ts'
import type { Caller } from '../../kernel/handler.ts'
import { newId } from '../../kernel/ids.ts'
import { ProblemError } from '../../kernel/problem.ts'
import { requireScope } from '../../kernel/require-scope.ts'
import type { Restriction } from '../../kernel/restriction.ts'
import type { Scope } from '../../kernel/scope.ts'
import { mayOpenCollection } from '../../policy/restrictions.ts'
import type { KeyRing } from '../secrets/index.ts'
import type { OpenCollection } from './index-document.ts'
import type { Collection, KnowledgeStore } from './store.ts'
import type { CollectionKind } from './tables.ts'

export interface AccessDeps { readonly database: Database; readonly keyRing: KeyRing; readonly clock: Clock }

/** Which collections a caller may read, with what opens them. Asked anew for every call, so that access holds when the question is asked (KNO-4). */
export function createAccess(store: KnowledgeStore, { database, keyRing, clock }: AccessDeps) {
  const openAll = (collections: readonly Collection[]): Promise<readonly OpenCollection[]> =>
    Promise.all(collections.map(async (collection) => ({ collection, sealer: await keyRing.sealerOf(keyOwnerOf(collection)) })))
  const visible = async (scope: Scope, restriction: Restriction | null) => openAll((await store.visible(scope)).filter(({ kind }) => mayOpenCollection(restriction, kind)))
  return {
    visible,
    /** The collection of an owner, made when it is first needed. */
    async ensure(kind: CollectionKind, owner: string): Promise<OpenCollection> {
      const known = await store.collectionOf(owner)
      if (known !== null) return only(await openAll([known]))
      const row = { id: newId('collection', clock.now()), kind, owner, passages: 0, words: 0, documents: 0, bytes: 0, created_at: clock.now() }
      const key = kind === 'mine' ? [] : [(await keyRing.create(row.id)).step]
      // Another process may have been first; then its collection is the one.
      await database.write([...key, store.insertCollection(row)]).catch(ignoreConflict)
      const made = await store.collectionOf(owner)
      return only(await openAll(made === null ? [] : [made]))
    },
    /** A document that the caller may read, with its collection. Throws `not-found`. */
    async document(caller: Caller, documentId: string) {
      const opened = await visible(requireScope(caller), caller.restriction)
      const row = await store.document(opened.map(({ collection }) => collection.id), documentId)
      return found(row, opened)
    },
    /** A passage that the caller may read, with its collection. Throws `not-found`. */
    async passage(caller: Caller, passageId: string) {
      const opened = await visible(requireScope(caller), caller.restriction)
      const row = await store.passage(opened.map(({ collection }) => collection.id), passageId)
      return found(row, opened)
    },
  }
}

/** An account's own documents are under the account's key, so that they end with it. */
const keyOwnerOf = ({ kind, owner, id }: Collection) => (kind === 'mine' ? owner : id)

function found<Row extends { readonly collection_id: string }>(row: Row | null, opened: readonly OpenCollection[]) {
  const open = opened.find(({ collection }) => collection.id === row?.collection_id)
  if (row === null || open === undefined) throw new ProblemError('not-found')
  return { row, open }
}

function only<Item>([item]: readonly Item[]): Item {
  if (item === undefined) throw new ProblemError('internal')
  return item
}

/** For what another process may have done first. */
export function ignoreConflict(error: unknown): void {
  if (!(error instanceof WriteConflict)) throw error
}

/** Throws `not-allowed` for whoever may not change what is shared. */
export function requireSharing(caller: Caller): void {
  if (!caller.permissions.has('knowledge:share')) throw new ProblemError('not-allowed', { detail: 'You may add and delete documents of your own. Ask an administrator to change what is shared.' })
}
