import type { CredentialState, DeploymentEnvironment } from '@sallyport/contract'

export interface ProviderTable {
  id: string
  name: string
  adapter: string
  base_url: string
  credential_sealed: Uint8Array | null
  allow_private_address: number
  models: string
  created_at: number
}
/** `credential_sealed` is null for the active one, which is sealed in the provider's row, and for those that were revoked. */
export interface ProviderCredentialTable {
  id: string
  provider_id: string
  version: number
  state: CredentialState
  environment: DeploymentEnvironment
  credential_sealed: Uint8Array | null
  created_at: number
  activated_at: number | null
  retired_at: number | null
  revoked_at: number | null
  expires_at: number | null
  rejected_at: number | null
  last_used_at: number | null
  calls: number
  input_tokens: number
  output_tokens: number
  /** In millionths of money. */
  cost: number
  /** When somebody was last told that it is old, and that it ends. */
  rotation_told_at: number | null
  expiry_told_at: number | null
}
/**
 * What a hook is to do of a version of a key, and how often it could not. `rotate`: that version is to be replaced. `revoke`: once it is destroyed here, or was never
 * taken, the provider is to be told. Who does it holds the claim until then; nobody else does meanwhile.
 */
export interface ProviderHookTaskTable {
  credential_id: string
  verb: 'rotate' | 'revoke'
  provider_id: string
  /** What the version is for: a copy of the store, started for something else, leaves it alone. */
  environment: DeploymentEnvironment
  claim_id: string | null
  claimed_until: number | null
  failures: number
  failure: string | null
  failed_at: number | null
  next_try_at: number | null
}
