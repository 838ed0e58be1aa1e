/** `settings` is JSON, of the form in `settings.ts`. */
export interface IdentityProviderTable { id: string; name: string; settings: string; client_secret_sealed: Uint8Array | null; created_at: number }
/** Who a provider says somebody is, and the account that this opens. `subject_lookup` is a keyed hash of issuer and subject. */
export interface IdentityTable {
  id: string
  account_id: string
  provider_id: string
  subject_lookup: Uint8Array
  /** The address or name that the provider gave when it was linked; sealed for the account. */
  shown_as_sealed: Uint8Array | null
  linked_at: number
  last_used_at: number | null
}
/** Sessions that began at a provider. `sid_lookup` is a keyed hash of issuer and the provider's own session id. */
export interface FederatedSessionTable { session_id: string; identity_id: string; sid_lookup: Uint8Array | null; created_at: number }
/** Sign-ins at a provider that wait for a second factor here, by the digest of the factor's challenge. */
export interface FederatedChallengeTable { digest: Uint8Array; identity_id: string; sid_lookup: Uint8Array | null; authenticated_at: number; expires_at: number }
/** What must not be used a second time while it would still be taken: answers to sign-ins, ids of logout tokens. */
export interface UsedOnceTable { digest: Uint8Array; expires_at: number }
