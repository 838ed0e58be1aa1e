/** Wrapped data keys, apart from what they open. `owner_id` is an account, a collection, or `server`; versions from 0 down are roots of what is derived. */
export interface DataKeyTable { owner_id: string; version: number; wrapped: Uint8Array; created_at: number }
/**
 * Versions that are not simply in use. `known`: it opens, and seals nothing before every process knows it. `needed`: a value under it does not
 * open, so it cannot go. `retired`: no row needs it any more; it is kept, wrapped, for backups that may.
 */
export interface DataKeyStageTable { owner_id: string; version: number; stage: 'known' | 'needed' | 'retired'; at: number }
/** Data keys wrapped by the vault that takes over; they count from the moment at which the store's record names that vault. */
export interface DataKeyNextTable { owner_id: string; version: number; vault_key_id: string; wrapped: Uint8Array }
/** A rotation that somebody asked for. */
export interface KeyRotationRunTable { id: string; begun_at: number; ended_at: number | null; owners: number; owners_done: number; values_done: number; values_broken: number }
/** Sealed values that did not open, once somebody was told of them. Where they are, and nothing of them. */
export interface BrokenValueTable { table_name: string; row_name: string; column_name: string; account_id: string | null; found_at: number }
/** How far the rotation of an owner's key is: which table, and behind which row. `steps` rises with every step, so that two processes never do the same one. */
export interface KeyRotationTable {
  owner_id: string
  run_id: string
  stage: 'planned' | 'known' | 'resealing' | 'settling'
  version: number
  position: number
  after_row: string
  steps: number
  at: number
}
