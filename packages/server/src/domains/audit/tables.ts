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
