import type { CompiledQuery, QueryExecutorProvider } from 'kysely'

/** A message as the index sees it: the keyed hashes of its words, 16 hexadecimal digits each, without repeats. */
export interface IndexedMessage { readonly messageId: string; readonly words: readonly string[] }

/** Which messages hold some words. It knows hashes only, never words; what it holds of a message goes with the message's row, by the schema itself. */
export interface MessageIndex {
  /** The statement to write behind the row of `message_index`, in the same batch. */
  add(message: IndexedMessage): CompiledQuery
  /** The numbers of the messages that hold a word of every group, the highest first, at most `most`. Empty for no groups. */
  holding(groups: readonly (readonly string[])[], most: number): Promise<readonly number[]>
  /** Takes out of the index's own storage what removed messages left there, by statements that are each a batch of their own. */
  purge(write: (query: CompiledQuery) => Promise<void>): Promise<void>
}

export interface MessageIndexDescriptor {
  readonly id: string
  create(store: QueryExecutorProvider): MessageIndex
}
