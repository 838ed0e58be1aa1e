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
export interface SecurityEventTable { id: string; at: number; type: string; severity: string; account_id: string | null; detail: string }
