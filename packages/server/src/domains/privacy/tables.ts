/** That an account was erased, and what was found of it then. `facts` is JSON; nothing in the row names the account but to whom has its id. */
export interface ErasureTable { id: string; account_lookup: Uint8Array; erased_at: number; requested_by: 'person' | 'administrator'; facts: string; backups_closed_at: number | null; former_stores_cleared_at: number | null }
/** `everything` is for the account's owner. `account` is for an administrator: what its owner alone may read is not in it (IDN-12). */
export type ExportReach = 'everything' | 'account'
/** An export of what is held on an account. The file lies sealed beside the store, under the export's id; `key_sealed` is the identity that opens it. */
export interface DataExportTable { id: string; account_id: string; state: 'running' | 'ready' | 'failed'; reach: ExportReach; key_sealed: Uint8Array; begun_at: number; ended_at: number | null; expires_at: number; done: number; total: number; bytes: number }
