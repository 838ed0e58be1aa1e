import type { TurnStatus } from '@sallyport/contract'
import type { Generated } from 'kysely'

export interface ConversationTable { id: string; account_id: string; title_sealed: Uint8Array; pseudonyms_sealed: Uint8Array | null; model: string; created_at: number; updated_at: number; ephemeral: Generated<number>; key_id: string | null }
/** The bytes of an account's conversations and messages as they are stored, sealed. The engine counts them. */
export interface AccountStorageTable { account_id: string; bytes: number }
/** Which messages are in the word index, and by which tokeniser. */
export interface MessageIndexTable { number: Generated<number>; message_id: string; tokeniser: number }
export interface MessageTable {
  id: string
  conversation_id: string
  account_id: string
  turn_id: string
  role: 'user' | 'assistant'
  status: TurnStatus
  model: string
  text_sealed: Uint8Array
  citations_sealed: Uint8Array | null
  notices: string
  rating: 'up' | 'down' | null
  comment_sealed: Uint8Array | null
  created_at: number
}
