import type { Generated } from 'kysely'

/** What was revoked of late, for the other processes over this store. `subject` is an id, or empty for everything and for providers. */
export interface RevocationTable { number: Generated<number>; at: number; kind: string; subject: string; except_session_id: string | null }
