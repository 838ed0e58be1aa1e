import type { Selectable } from 'kysely'

/** A time in which `reader_id` may read what `account_id` owns. Reason and name are sealed for the account that is read. */
export interface ConversationAccessTable {
  id: string
  account_id: string
  reader_id: string
  /** As it was then: the owner sees it also when the reader's account is gone. */
  reader_name_sealed: Uint8Array
  reason_sealed: Uint8Array
  opened_at: number
  ends_at: number
  closed_at: number | null
  reads: number
  last_read_at: number | null
}
/** Conversations whose messages were read. */
export interface ConversationAccessReadTable { access_id: string; conversation_id: string }
/** A row as it is read. */
export type ConversationAccessRow = Selectable<ConversationAccessTable>
