import type { GroupRole } from '@sallyport/contract'

export interface AccountGroupTable { id: string; name: string; role: GroupRole | null; created_at: number }
/** `source` is `hand`, or the id of the identity provider that says so. */
export interface AccountGroupMemberTable { group_id: string; account_id: string; source: string; added_at: number }
