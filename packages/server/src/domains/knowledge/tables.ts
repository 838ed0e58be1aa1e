import type { Generated, Selectable } from 'kysely'

/** `owner` is an account, or the kind itself where the collection is everyone's. `passages` and `words` are the statistics of ranking; `documents` and `bytes`, of what is stored, are what caps count. */
export interface CollectionTable { id: string; kind: CollectionKind; owner: string; passages: number; words: number; documents: Generated<number>; bytes: Generated<number>; created_at: number }
export type CollectionKind = 'handbook' | 'shared' | 'mine'

/** `source` names a file of the handbook. `content_lookup` is a keyed hash of the text; `tokeniser` tells which version cut the words. */
export interface DocumentTable {
  id: string
  collection_id: string
  source: string | null
  title_sealed: Uint8Array
  content_lookup: Uint8Array
  language: string
  tokeniser: number
  passages: number
  /** As it is stored, sealed, with its passages and their postings. */
  bytes: Generated<number>
  created_at: number
}

/** What of a document is shown in lists. */
export type ShownDocument = Pick<Selectable<DocumentTable>, 'id' | 'title_sealed' | 'created_at' | 'passages'>

/** `number` is the passage's row in the index. `words` counts repeats too; `postings` holds each hash once with its count. */
export interface PassageTable {
  number: Generated<number>
  id: string
  document_id: string
  collection_id: string
  position: number
  from_offset: number
  to_offset: number
  heading_sealed: Uint8Array
  text_sealed: Uint8Array
  words: number
  postings: Uint8Array
}

/** In how many passages of a collection a word stands. `word` is a keyed hash. */
export interface CollectionWordTable { collection_id: string; word: string; passages: number }
