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
