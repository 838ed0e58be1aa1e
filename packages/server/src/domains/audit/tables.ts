export interface AuditEntryTable {
  sequence: number
  at: number
  action: string
  actor: string
  credential: string
  outcome: 'allowed' | 'refused' | 'failed'
  detail: string
  previous_hash: string
  hash: string
}
/** The key that names of days follow from. One row. */
export interface DayNameKeyTable { id: string; day: number; key_sealed: Uint8Array }
export interface SecurityEventTable {
  id: string
  at: number
  type: string
  severity: string
  account_id: string | null
  detail: string
  /** From when on somebody is to be told of it; null once that is done, and where nobody needs to be. */
  alert_due_at: number | null
  /** When a mail of it was begun. */
  mailed_at: number | null
}
