export interface SessionTable { id: string; account_id: string; token_digest: Uint8Array; created_at: number; expires_at: number }
