import type { Database, WriteStep } from '../../database/database.ts'
import type { Caller } from '../../kernel/handler.ts'
import { newId } from '../../kernel/ids.ts'

/** Privileged actions. A name is a noun and what happened to it. */
export type AuditAction =
  | 'owner-created' | 'session-created' | 'session-ended' | 'sign-in-refused'
  | 'key-created' | 'key-revoked' | 'provider-saved' | 'provider-deleted'
  | 'backup-made' | 'backup-failed' | 'backup-checked' | 'backup-recipients-changed' | 'backup-restored'
  | 'document-added' | 'document-deleted' | 'turn-ended' | 'turn-refused'
export type AuditOutcome = 'allowed' | 'refused' | 'failed'

type Detail = Readonly<Record<string, string | number | boolean | null | readonly unknown[]>>
interface AuditNote { readonly at: number; readonly action: AuditAction; readonly outcome?: AuditOutcome; readonly detail?: Detail }

/** Who acts, as the log names them: an account's id, or `nobody`. */
export const actorOf = (caller: Caller) => caller.scope?.accountId ?? 'nobody'

/** The audit row of an action, to be written in the action's own batch: they commit together or not at all. `detail` holds ids, types and counts only. */
export const auditStep = (caller: Caller, { at, action, outcome = 'allowed', detail = {} }: AuditNote): WriteStep => ({
  audit: { at, action, actor: actorOf(caller), credential: `${caller.credential.kind}:${caller.credential.id}`, outcome, detail: JSON.stringify(detail) },
})

export type SecurityEventType = 'sign-in-refused' | 'credential-refused' | 'set-up-refused' | 'content-found' | 'content-blocked' | 'canary-leaked'
export type Severity = 'info' | 'low' | 'medium' | 'high'
interface SecurityNote { readonly at: number; readonly type: SecurityEventType; readonly severity: Severity; readonly accountId: string | null; readonly detail?: Detail }

/** A row for what alerts and incidents will watch. */
export const securityEventStep = (database: Database, { at, type, severity, accountId, detail = {} }: SecurityNote): WriteStep => ({
  query: database.read.insertInto('security_event').values({ id: newId('event', at), at, type, severity, account_id: accountId, detail: JSON.stringify(detail) }).compile(),
})
