import type { Role } from '@sallyport/contract'
import type { Selectable } from 'kysely'

export interface AccountTable {
  id: string
  email_sealed: Uint8Array
  /** HMAC of the folded address, for look-up. */
  email_lookup: Uint8Array
  name: string
  role: Role
  password_hash: string
  created_at: number
}
/** One row until there is an owner, none afterwards. */
export interface SetupTokenTable { id: number; digest: Uint8Array; created_at: number }
/** A row as it is read. */
export type AccountRow = Selectable<AccountTable>
