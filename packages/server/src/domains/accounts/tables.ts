import type { AccountStatus, Role } from '@sallyport/contract'
import type { Generated, Selectable } from 'kysely'

export interface AccountTable {
  id: string
  email_sealed: Uint8Array
  /** HMAC of the folded address, for look-up. */
  email_lookup: Uint8Array
  name_sealed: Uint8Array
  /** What it may do: the highest of the role that it was given and those of its groups. */
  role: Role
  /** The role that it was given, where groups have made another of it. */
  granted_role: Generated<Role | null>
  /** An argon2id hash, sealed for the server; null for an account that nobody signs in to by a password. */
  password_sealed: Uint8Array | null
  created_at: number
  status: Generated<AccountStatus>
  /** 1 while a new password must be chosen before anything else. */
  password_change_needed: Generated<number>
  email_verified_at: number | null
  password_changed_at: number | null
  last_sign_in_at: number | null
  /** When wrong passwords last locked it; cleared when its owner was told at a sign-in. */
  locked_at: number | null
  /** `service` acts by its key alone: nobody signs in as it. */
  kind: Generated<'person' | 'service'>
}
/** One row until there is an owner, none afterwards. */
export interface SetupTokenTable { id: number; digest: Uint8Array; created_at: number }
/** One row, which whoever takes an owner away must hold. */
export interface OwnerLockTable { id: number; turns: number }
/** Tries of a password, by the e-mail address that was given, whether or not it is anybody's. `moments` is JSON. */
export interface PasswordGuardTable { email_lookup: Uint8Array; moments: string; failures: number; last_at: number; version: number }
/** Browsers in which somebody has signed in, by the digest of the token that they were given. */
export interface KnownDeviceTable { email_lookup: Uint8Array; device_digest: Uint8Array; seen_at: number }
/** One for an account at most: a newer one takes the place of an older. `created_by` is who made a link for somebody else; null for one that went by mail to the address itself. */
export interface PasswordResetTable { account_id: string; digest: Uint8Array; created_at: number; expires_at: number; created_by: string | null }
export interface EmailChangeTable { account_id: string; digest: Uint8Array; email_sealed: Uint8Array; email_lookup: Uint8Array; created_at: number; expires_at: number }
/** `mailed` is 1 where the token went to the address alone, so that whoever has it has the address. `created_by` is null for a sign-up. */
export interface InvitationTable {
  id: string
  digest: Uint8Array
  role: Role
  email_sealed: Uint8Array | null
  mailed: number
  created_by: string | null
  /** Whose address it names, once they have an account. */
  account_id: string | null
  uses: number
  uses_left: number
  created_at: number
  expires_at: number
  revoked_at: number | null
}
export type InvitationRow = Selectable<InvitationTable>
/** That something was sent to an address, to send no more than is meet. */
export interface SentMailTable { id: string; email_lookup: Uint8Array; sent_at: number }
/** A row as it is read. */
export type AccountRow = Selectable<AccountTable>
