import type { Selectable } from 'kysely'

/** `restriction` is JSON of scopes, addresses and limits; null where the key has none. `made_by` is who made it for a service, null where that is its own account. */
export interface ApiKeyTable {
  id: string
  account_id: string
  name_sealed: Uint8Array
  start: string
  digest: Uint8Array
  created_at: number
  expires_at: number | null
  revoked_at: number | null
  last_used_at: number | null
  last_used_address_sealed: Uint8Array | null
  restriction: string | null
  made_by: string | null
  /** Null for keys that were made before values could be rotated: their value is as old as they are. */
  value_created_at: number | null
  /** When its owner was told that its value is old. */
  reminded_at: number | null
}
/** A value that was rotated away and works until its end. */
export interface ApiKeyFormerTable { digest: Uint8Array; key_id: string; start: string; ends_at: number; last_used_at: number | null }
/** What a key used of a day. Days are counted from the epoch, in UTC. */
export interface ApiKeyDayTable { key_id: string; day: number; turns: number; tokens: number }
/** A row as it is read. */
export type ApiKeyRow = Selectable<ApiKeyTable>
