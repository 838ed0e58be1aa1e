import type { CompiledQuery, QueryExecutorProvider } from 'kysely'

/** A passage as the index sees it: the keyed hashes of its words, 16 hexadecimal digits each, without repeats. */
export interface IndexedPassage { readonly passageId: string; readonly words: readonly string[] }

/** Which passages hold a word. It knows hashes only, never words; ranking is not its task. */
export interface PassageIndex {
  /** The statement to write behind the passage's own row, in the same batch. */
  add(passage: IndexedPassage): CompiledQuery
  /** The statement to write before the rows of a document's passages go, in the same batch. */
  removeDocument(documentId: string): CompiledQuery
  /** The same for everything in the collection of an owner. */
  removeOwner(owner: string): CompiledQuery
  /** The numbers of the passages that hold at least one of the words: the lowest, at most `most`, ascending. Empty for no words. */
  candidates(words: readonly string[], most: number): Promise<readonly number[]>
  /** Takes out of the index's own storage what removed passages left there, by statements that are each a batch of their own. */
  purge(write: (query: CompiledQuery) => Promise<void>): Promise<void>
}

export interface PassageIndexDescriptor {
  readonly id: string
  create(store: QueryExecutorProvider): PassageIndex
}
