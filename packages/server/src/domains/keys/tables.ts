import type { Selectable } from 'kysely'
export interface ApiKeyTable {
  id: string
  account_id: string
  name: string
  start: string
  digest: Uint8Array
  created_at: number
  expires_at: number | null
  revoked_at: number | null
  last_used_at: number | null
}
/** A row as it is read. */
export type ApiKeyRow = Selectable<ApiKeyTable>
