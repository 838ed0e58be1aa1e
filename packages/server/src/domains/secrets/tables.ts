/** Wrapped data keys, apart from what they open. `owner_id` is an account, a collection, or `server`. */
export interface DataKeyTable { owner_id: string; version: number; wrapped: Uint8Array; created_at: number }
