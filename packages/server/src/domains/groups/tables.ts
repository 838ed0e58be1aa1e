import type { GroupRole } from '@sallyport/contract'

/** `name_lookup` is a keyed hash, in base64: no two groups have one name. */
export interface AccountGroupTable { id: string; name_sealed: Uint8Array; name_lookup: string; role: GroupRole | null; created_at: number }
/** `source` is `hand`, or the id of the identity provider that says so. */
export interface AccountGroupMemberTable { group_id: string; account_id: string; source: string; added_at: number }
