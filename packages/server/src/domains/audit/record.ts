import type { Database, WriteStep } from '../../database/database.ts'
import type { Caller } from '../../kernel/handler.ts'
import { newId } from '../../kernel/ids.ts'
import type { AlertType } from '../../policy/alerts.ts'
import type { PatternName } from '../../policy/patterns.ts'

/** Privileged actions. A name is a noun and what happened to it. */
export type AuditAction =
  | 'account-created' | 'account-changed' | 'account-deleted' | 'account-locked' | 'account-unlocked' | 'password-changed' | 'password-reset' | 'password-reset-requested' | 'reset-link-created'
  | 'profile-changed' | 'email-changed' | 'email-change-requested' | 'invitation-created' | 'invitation-revoked' | 'sign-up-requested'
  | 'factor-added' | 'factor-removed' | 'factors-reset' | 'recovery-codes-renewed' | 'recovery-code-used' | 'second-factor-refused' | 'passkey-suspended'
  | 'owner-created' | 'session-created' | 'session-ended' | 'sessions-ended' | 'identity-proved' | 'token-issued' | 'token-family-ended' | 'credentials-revoked' | 'everything-revoked' | 'emergency-run' | 'signing-key-rotated' | 'sign-in-refused'
  | 'key-created' | 'key-changed' | 'key-rotated' | 'key-revoked' | 'keys-imported' | 'service-account-created' | 'provider-saved' | 'provider-deleted' | 'provider-credential-added' | 'provider-credential-activated' | 'provider-credential-revoked' | 'provider-credential-failed-over' | 'provider-credential-rotated' | 'provider-credential-ended-there'
  | 'backup-made' | 'backup-failed' | 'backup-checked' | 'backup-recipients-changed' | 'backup-restored' | 'erasure-carried-over' | 'former-store-removed' | 'conversation-restored'
  | 'secret-used' | 'data-key-rotation-begun' | 'data-keys-rotated' | 'data-keys-retired' | 'data-keys-destroyed' | 'vault-changed' | 'conversations-expired' | 'account-exported' | 'account-export-downloaded'
  | 'identity-provider-saved' | 'identity-provider-deleted' | 'identity-linked' | 'identity-unlinked' | 'federated-sign-in-refused' | 'back-channel-logout'
  | 'group-created' | 'group-changed' | 'group-deleted' | 'group-members-changed'
  | 'conversation-access-opened' | 'conversation-access-closed' | 'conversations-read' | 'messages-read'
  | 'document-added' | 'document-deleted' | 'documents-expired' | 'budget-set' | 'price-set' | 'price-removed' | 'ban-begun' | 'ban-lifted' | 'turn-ended' | 'turn-refused' | 'day-name-resolved' | 'audit-expired'
export type AuditOutcome = 'allowed' | 'refused' | 'failed'

type Detail = Readonly<Record<string, string | number | boolean | null | readonly unknown[]>>
interface AuditNote { /** The account that acted, where the caller has only just proved whose it is. */ readonly actor?: string; readonly at: number; readonly action: AuditAction; readonly outcome?: AuditOutcome; readonly detail?: Detail }

/** Who acts, as the log names them: an account's id, or `nobody`. */
export const actorOf = (caller: Caller) => caller.scope?.accountId ?? 'nobody'

/** The audit row of an action, to be written in the action's own batch: they commit together or not at all. `detail` holds ids, types and counts only. */
export const auditStep = (caller: Caller, { actor, at, action, outcome = 'allowed', detail = {} }: AuditNote): WriteStep => ({
  audit: { at, action, actor: actor ?? actorOf(caller), credential: `${caller.credential.kind}:${caller.credential.id}`, outcome, detail: JSON.stringify(detail) },
})

/** The audit row of what the server does by itself. */
export const auditServerStep = ({ at, action, outcome = 'allowed', detail = {} }: AuditNote): WriteStep => ({
  audit: { at, action, actor: 'server', credential: 'schedule', outcome, detail: JSON.stringify(detail) },
})

export type SecurityEventType = 'refresh-token-reused' | 'everything-revoked' | 'emergency-run' | 'secret-use-jumped' | 'sealed-value-broken' | 'key-rotation-due' | 'account-locked' | 'sign-in-refused' | 'credential-refused' | 'set-up-refused' | 'content-found' | 'content-blocked' | 'canary-leaked'
  | 'federated-sign-in-refused' | 'identity-linked' | 'conversation-access-opened'
  | 'account-exported' | 'budget-nearly-spent' | 'ban-begun' | PatternName | 'provider-credential-rejected' | 'provider-credential-old' | 'provider-credential-ends' | 'provider-credential-not-rotated' | 'provider-credential-not-revoked'
  | 'second-factor-refused' | 'recovery-code-used' | 'passkey-cloned' | 'factors-changed'
export type Severity = 'info' | 'low' | 'medium' | 'high'
interface AnyNote { readonly at: number; readonly accountId: string | null; readonly detail?: Detail }
/** Of high severity is only what administrators can be told of, in words. */
type SecurityNote = AnyNote & ({ readonly type: AlertType; readonly severity: Severity; /** Whether administrators are told, though it is not of high severity. */ readonly isTold?: boolean } | { readonly type: SecurityEventType; readonly severity: Exclude<Severity, 'high'> })

/** The row of a security event. One of high severity, or that is to be told, is told to administrators once the batch that it is written in has committed. */
export const securityEventStep = (database: Database, { at, type, severity, accountId, detail = {}, ...note }: SecurityNote): WriteStep => ({
  query: database.read.insertInto('security_event').values({ id: newId('event', at), at, type, severity, account_id: accountId, detail: JSON.stringify(detail), alert_due_at: severity === 'high' || ('isTold' in note && note.isTold) ? at : null }).compile(),
})
