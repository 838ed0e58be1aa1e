import { HookReason, type DeploymentEnvironment, type ProviderCredential } from '@sallyport/contract'
import { toMoment, type Clock } from '../../kernel/clock.ts'
import type { StoredCredential } from './credential-store.ts'
import { nextOf } from './fail-over.ts'
import type { HookTask } from './hook-task-store.ts'
import { agingOf } from './remind-credentials.ts'
import type { ProviderStore } from './store.ts'

interface ShownDeps { readonly store: ProviderStore; readonly clock: Clock; readonly environment: DeploymentEnvironment }

/** The versions of a provider's key as the wire shows them, the newest first: what is known of each, and never the key. */
export const createShown = ({ store, clock, environment }: ShownDeps) => async (providerId: string): Promise<ProviderCredential[]> => {
  const [rows, failing, now] = [await store.credentials.of(providerId), await store.hookTasks.failing(providerId), clock.now()]
  return rows.map((row) => toWire(row, { rows, now, environment, task: failing.find(({ credential_id: id }) => id === row.id) }))
}

interface Around { readonly rows: readonly StoredCredential[]; readonly now: number; readonly environment: DeploymentEnvironment; readonly task: HookTask | undefined }

function toWire(row: StoredCredential, { rows, now, environment, task }: Around): ProviderCredential {
  const [isLive, isActive] = [row.state === 'active' || row.state === 'standby', row.state === 'active']
  const hook = task === undefined ? null : toHook(task)
  const advice = [
    isActive && row.rejected_at !== null && 'rejected', ...(isLive ? agingOf(row, now) : []), isActive && hook?.verb === 'rotate' && 'hook-failed', row.state === 'revoked' && hook?.verb === 'revoke' && 'not-revoked-there',
    isActive && nextOf(rows, now, environment) === undefined && 'no-standby', isLive && row.environment !== environment && 'other-environment',
  ] as const
  return {
    id: row.id, version: row.version, environment: row.environment, state: row.state, createdAt: toMoment(row.created_at), activatedAt: moment(row.activated_at), retiredAt: moment(row.retired_at), revokedAt: moment(row.revoked_at),
    expiresAt: moment(row.expires_at), rejectedAt: moment(row.rejected_at), lastUsedAt: moment(row.last_used_at), calls: row.calls, inputTokens: row.input_tokens, outputTokens: row.output_tokens, costMicros: row.cost, hook,
    advice: advice.filter((each) => each !== false),
  }
}

const toHook = ({ verb, failures, failure, failed_at: failedAt, next_try_at: nextTryAt }: HookTask): ProviderCredential['hook'] =>
  ({ verb, failures, reason: HookReason.catch('failed').parse(failure), failedAt: moment(failedAt), nextTryAt: moment(nextTryAt) })

const moment = (at: number | null) => (at === null ? null : toMoment(at))
