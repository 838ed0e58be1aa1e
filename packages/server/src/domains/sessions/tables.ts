import type { Generated, Selectable } from 'kysely'

export interface SessionTable {
  id: string
  account_id: string
  token_digest: Uint8Array
  created_at: number
  /** The end of its absolute life. */
  expires_at: number
  /** When the person last proved who they are, and when by a second factor. */
  authenticated_at: Generated<number>
  second_factor_at: number | null
  /** Written now and then, so it may lag behind by a little. */
  last_seen_at: Generated<number>
  /** Browser, system and network, as JSON. */
  device_sealed: Uint8Array | null
}
export type SessionRow = Selectable<SessionTable>
