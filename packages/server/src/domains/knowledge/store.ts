import type { Insertable } from 'kysely'
import type { Database, WriteStep } from '../../database/database.ts'
import type { Scope } from '../../kernel/scope.ts'
import { idAfter } from '../../kernel/ids.ts'
import type { DocumentCap } from '../../policy/limits.ts'
import type { Whose } from '../../policy/lives.ts'
import type { CollectionKind, CollectionTable, DocumentTable, PassageTable } from './tables.ts'

/** How many rows one statement carries: few enough for either engine's limit of parameters. */
const ROWS_AT_ONCE = 200

export interface Collection { readonly id: string; readonly kind: CollectionKind; readonly owner: string; readonly passages: number; readonly words: number; readonly documents: number; readonly bytes: number }
/** How a document changes the statistics of its collection: each word with the number of its passages. */
export interface Growth { readonly collectionId: string; readonly passages: number; readonly words: number; readonly documents: number; readonly bytes: number; readonly counts: ReadonlyMap<string, number> }

const publicOwners: readonly string[] = ['handbook', 'shared'] satisfies readonly CollectionKind[]

/** The tables of the knowledge. Texts come and go sealed; who may see what is decided by `visible` alone. */
export const createKnowledgeStore = (database: Database) => {
  const { read } = database
  const collections = () => read.selectFrom('collection').select(['id', 'kind', 'owner', 'passages', 'words', 'documents', 'bytes'])
  return {
    collectionOf: async (owner: string): Promise<Collection | null> => await collections().where('owner', '=', owner).executeTakeFirst() ?? null,
    insertCollection: (row: Insertable<CollectionTable>): WriteStep => ({ query: read.insertInto('collection').values(row).compile() }),
    /** Documents and passages go with it. */
    deleteCollectionOf: (owner: string): readonly WriteStep[] => [
      { query: read.deleteFrom('collection_word').where('collection_id', 'in', read.selectFrom('collection').select('id').where('owner', '=', owner)).compile() },
      { query: read.deleteFrom('collection').where('owner', '=', owner).compile() },
    ],
    /** What a scope may read: everyone's collections and its own. */
    visible: (scope: Scope) => collections().where('owner', 'in', [...publicOwners, scope.accountId]).orderBy('id').execute(),
    /** The languages in which the documents of some collections are written. */
    languagesOf: async (collectionIds: readonly string[]) =>
      (await read.selectFrom('document').select('language').distinct().where('collection_id', 'in', [...collectionIds]).orderBy('language').execute()).map(({ language }) => language),

    documentPage: (collectionIds: readonly string[], before: string | undefined, limit: number) => {
      const rows = read.selectFrom('document').selectAll().where('collection_id', 'in', [...collectionIds]).orderBy('id', 'desc').limit(limit)
      return (before === undefined ? rows : rows.where('id', '<', before)).execute()
    },
    document: async (collectionIds: readonly string[], id: string) =>
      await read.selectFrom('document').selectAll().where('id', '=', id).where('collection_id', 'in', [...collectionIds]).executeTakeFirst() ?? null,
    documents: (ids: readonly string[]) => read.selectFrom('document').selectAll().where('id', 'in', [...ids]).execute(),
    sourced: (collectionId: string) => read.selectFrom('document').select(['id', 'source', 'content_lookup', 'tokeniser'])
      .where('collection_id', '=', collectionId).where('source', 'is not', null).execute(),
    /** Documents of people's own collections that were added before a moment, the oldest: never one that others rely on. */
    ownBefore: ({ before, whose, limit }: { readonly before: number; readonly whose: Whose; readonly limit: number }) => {
      const [accounts, mine] = [read.selectFrom('account').select('id'), read.selectFrom('collection').select('id').where('kind', '=', 'mine')]
      const theirs = 'role' in whose ? mine.where('owner', 'in', accounts.where('role', '=', whose.role)) : whose.allBut.length === 0 ? mine : mine.where('owner', 'not in', accounts.where('role', 'in', whose.allBut))
      // A document is no younger than its id says, so younger ones are not looked at.
      return read.selectFrom('document').select(['id', 'collection_id']).where('id', '<', idAfter('document', before)).where('created_at', '<', before).where('collection_id', 'in', theirs).orderBy('id').limit(limit).execute()
    },
    /** What a document takes up; 0 where there is none. */
    bytesOf: async (id: string): Promise<number> => (await read.selectFrom('document').select('bytes').where('id', '=', id).executeTakeFirst())?.bytes ?? 0,
    insertDocument: (row: Insertable<DocumentTable>): WriteStep => ({ query: read.insertInto('document').values(row).compile() }),
    /** Its passages go with it. */
    deleteDocument: (id: string): WriteStep => ({ query: read.deleteFrom('document').where('id', '=', id).compile(), expectRows: 1 }),

    passage: async (collectionIds: readonly string[], id: string) =>
      await read.selectFrom('passage').selectAll().where('id', '=', id).where('collection_id', 'in', [...collectionIds]).executeTakeFirst() ?? null,
    passageAt: async (documentId: string, position: number) =>
      await read.selectFrom('passage').selectAll().where('document_id', '=', documentId).where('position', '=', position).executeTakeFirst() ?? null,
    passages: (ids: readonly string[]) => read.selectFrom('passage').selectAll().where('id', 'in', [...ids]).execute(),
    postingsOf: (documentId: string) => read.selectFrom('passage').select(['words', 'postings']).where('document_id', '=', documentId).execute(),
    /** What ranking needs of candidates. The collections are named again here, so that access never hangs on the index. */
    candidates: async (collectionIds: readonly string[], numbers: readonly number[]) => {
      const found = []
      for (let from = 0; from < numbers.length; from += ROWS_AT_ONCE) {
        found.push(...await read.selectFrom('passage').select(['id', 'number', 'collection_id', 'words', 'postings'])
          .where('number', 'in', numbers.slice(from, from + ROWS_AT_ONCE)).where('collection_id', 'in', [...collectionIds]).execute())
      }
      return found
    },
    insertPassage: (row: Insertable<PassageTable>): WriteStep => ({ query: read.insertInto('passage').values(row).compile() }),

    /** In how many passages some words stand. */
    wordCounts: async (collectionId: string, words: readonly string[]) => {
      if (words.length === 0) return []
      return read.selectFrom('collection_word').select(['word', 'passages']).where('collection_id', '=', collectionId).where('word', 'in', [...words]).execute()
    },
    grow: ({ collectionId, passages, words, documents, bytes, counts }: Growth): readonly WriteStep[] => [
      { query: read.updateTable('collection').set((column) => ({ passages: column('passages', '+', passages), words: column('words', '+', words), documents: column('documents', '+', documents), bytes: column('bytes', '+', bytes) })).where('id', '=', collectionId).compile(), expectRows: 1 },
      ...groups([...counts], ROWS_AT_ONCE).map((group): WriteStep => ({
        query: read.insertInto('collection_word').values(group.map(([word, count]) => ({ collection_id: collectionId, word, passages: count })))
          .onConflict((conflict) => conflict.columns(['collection_id', 'word']).doUpdateSet((column) => ({ passages: column('collection_word.passages', '+', column.ref('excluded.passages')) })))
          .compile(),
      })),
    ],
    /** Behind what makes it grow: a conflict where the collection has more than this by then. The rows of two at once wait for each other, so that neither slips by. */
    within: (collectionId: string, { documents, bytes }: DocumentCap): WriteStep => ({
      query: read.updateTable('collection').set((column) => ({ documents: column.ref('documents') })).where('id', '=', collectionId).where('documents', '<=', documents).where('bytes', '<=', bytes).compile(), expectRows: 1,
    }),
    forgetUnused: (collectionId: string): WriteStep => ({ query: read.deleteFrom('collection_word').where('collection_id', '=', collectionId).where('passages', '<=', 0).compile() }),
  }
}
export type KnowledgeStore = ReturnType<typeof createKnowledgeStore>

function groups<Item>(items: readonly Item[], size: number): readonly (readonly Item[])[] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, at) => items.slice(at * size, (at + 1) * size))
}
