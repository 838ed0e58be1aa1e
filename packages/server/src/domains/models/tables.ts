import type { CredentialState } from '@sallyport/contract'

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
}
