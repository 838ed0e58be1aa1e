import type { Selectable } from 'kysely'

/** What proves an account's owner beside the password. */
export interface FactorTable {
  id: string
  account_id: string
  kind: 'totp' | 'passkey'
  name_sealed: Uint8Array
  /** The seed of an authenticator app, or a passkey's id, public key and transports as JSON. */
  secret_sealed: Uint8Array
  /** The highest value that was accepted: a time step, or a passkey's signature counter. It only rises. */
  counter: number
  /** SHA-256 of a passkey's credential id. */
  credential_digest: Uint8Array | null
  /** The host name that a passkey belongs to. */
  domain: string | null
  is_synced: number
  created_at: number
  /** Null until a first code was given. */
  confirmed_at: number | null
  last_used_at: number | null
  suspended_at: number | null
}
export type FactorRow = Selectable<FactorTable>
/** A row for each code that was not used yet. */
export interface RecoveryCodeTable { account_id: string; code_hash: Uint8Array; created_at: number }
/** Proofs that failed in a row, and when the next one is heard. */
export interface FactorGuardTable { account_id: string; kind: 'totp' | 'recovery-code'; failures: number; next_at: number }
/** What a challenge was given for: to finish a sign-in or a token grant, or one use of the browser's passkeys. */
export type ChallengePurpose = 'sign-in' | 'token' | 'passkey-enrolment' | 'passkey-sign-in' | 'passkey-proof'
export interface FactorChallengeTable {
  digest: Uint8Array
  /** Null while nobody said who they are. */
  account_id: string | null
  purpose: ChallengePurpose
  /** The sign-in that a passkey's challenge belongs to. */
  parent_digest: Uint8Array | null
  tries_left: number
  created_at: number
  expires_at: number
}
export type FactorChallengeRow = Selectable<FactorChallengeTable>
