import { hash } from 'node:crypto'

/** What an audit row says before it has its place in the chain. `detail` never holds message text, secrets or addresses. */
export interface AuditRecord {
  readonly at: number
  readonly action: string
  readonly actor: string
  readonly credential: string
  readonly outcome: 'allowed' | 'refused' | 'failed'
  readonly detail: string
}
export interface AuditHead { readonly sequence: number; readonly hash: string }
export interface AuditRow extends AuditRecord { readonly sequence: number; readonly previous_hash: string; readonly hash: string }

/** The head before the first row. */
export const emptyChain: AuditHead = { sequence: 0, hash: '0'.repeat(64) }

/** The hash of a row: SHA-256 over a JSON array of its place, its predecessor's hash and all of its columns (OBS-3). */
export const auditHash = (head: AuditHead, record: AuditRecord): string =>
  hash('sha256', JSON.stringify([head.sequence + 1, head.hash, record.at, record.action, record.actor, record.credential, record.outcome, record.detail]), 'hex')

/** Links a record behind `head`. */
export const chain = (head: AuditHead, record: AuditRecord): AuditRow =>
  ({ ...record, sequence: head.sequence + 1, previous_hash: head.hash, hash: auditHash(head, record) })
