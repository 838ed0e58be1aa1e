import type { Selectable } from 'kysely'

/** One sign-in of a program: all refresh tokens that came of it, one after another. */
export interface TokenFamilyTable {
  id: string
  account_id: string
  created_at: number
  authenticated_at: number
  second_factor_at: number | null
  last_seen_at: number
  /** The end of its absolute life. */
  expires_at: number
  device_sealed: Uint8Array | null
}
export type TokenFamilyRow = Selectable<TokenFamilyTable>
/** Every refresh token of a family that lives, used ones too, so that a second use is known for what it is. */
export interface RefreshTokenTable { digest: Uint8Array; family_id: string; created_at: number; used_at: number | null }
/** Keys that sign access tokens. The highest number signs; one that ended is published until its last token has ended. */
export interface SigningKeyTable { id: string; number: number; public_key: string; private_sealed: Uint8Array; created_at: number; ends_at: number | null }
export type SigningKeyRow = Selectable<SigningKeyTable>
