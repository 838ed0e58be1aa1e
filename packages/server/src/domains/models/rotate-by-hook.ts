import { ProviderKey, type HookReason } from '@sallyport/contract'
import { WriteConflict, type Database, type WriteStep } from '../../database/database.ts'
import { writeUnlessConflict } from '../../database/write-unless-conflict.ts'
import { toMoment, type Clock } from '../../kernel/clock.ts'
import type { Caller } from '../../kernel/handler.ts'
import { newId } from '../../kernel/ids.ts'
import { ProblemError } from '../../kernel/problem.ts'
import type { Secret } from '../../kernel/secret.ts'
import type { RotationHook } from '../../ports/rotation-hook.ts'
import { auditServerStep, auditStep, securityEventStep } from '../audit/index.ts'
import type { ActiveProvider } from './active.ts'
import type { StoredCredential } from './credential-store.ts'
import { promotionSteps, type FailOver } from './fail-over.ts'
import type { HookClaims } from './hook-run.ts'
import type { HookClaim } from './hook-task-store.ts'
import type { KeyTrial } from './new-key.ts'
import type { ProviderStore } from './store.ts'

export interface HookRotationDeps {
  readonly database: Database
  readonly store: ProviderStore
  readonly clock: Clock
  readonly hook: RotationHook
  readonly claims: HookClaims
  readonly trial: KeyTrial
  readonly failOver: Pick<FailOver, 'install'>
  readonly tellOthers: () => WriteStep
  /** Ends every hook that runs. */
  readonly closing: AbortSignal
}
/** `taken`: another process, or somebody else, has it done now. `changed`: the version is not in use any more. */
export type Rotated = { readonly outcome: 'rotated'; readonly id: string } | { readonly outcome: 'failed'; readonly reason: HookReason; readonly nextTryAt: number } | { readonly outcome: 'taken' | 'changed' }

/** Why a key was not taken, by what the trial of every new key says of it. */
const reasons: Readonly<Partial<Record<ProblemError['code'], HookReason>>> = { 'invalid-request': 'no-key', conflict: 'not-new', 'provider-error': 'refused-key', 'provider-unavailable': 'provider-unavailable' }

/**
 * Has the hook make a new key in the place of the one in use. The new one goes the way of every new key; only when the provider has taken it does it
 * take over, and whatever happens before that leaves the present one in use. The version that it will be is chosen first and written down as one of
 * which the provider is to be told: a key that was made and not taken, also because this process ended, is not left behind there.
 */
export function createHookRotation(deps: HookRotationDeps) {
  const { database, store, clock, hook, claims, closing } = deps
  const tasks = store.hookTasks
  return async (provider: ActiveProvider, by: Caller | null): Promise<Rotated> => {
    const inUse = async () => (await store.credentials.of(provider.id)).find(({ state }) => state === 'active')
    const from = await inUse()
    if (from === undefined || from.id !== provider.credentialId) return { outcome: 'changed' }
    const [failures, id] = [(await tasks.find(from.id, 'rotate'))?.failures ?? 0, newId('providerCredential', clock.now())]
    const subject = (credentialId: string) => ({ credentialId, providerId: provider.id, environment: from.environment })
    const claim = await claims.take('rotate', subject(from.id), { failures, further: ({ until }) => [tasks.planRevocation(subject(id), until)] })
    if (claim === null) return { outcome: 'taken' }
    // Another process may have replaced it between the look and the claim.
    if ((await inUse())?.id !== from.id) {
      await writeUnlessConflict(database, [tasks.end(claim.id), tasks.drop(id, 'revoke')])
      return { outcome: 'changed' }
    }
    const ran = await hook.run({ verb: 'rotate', provider: provider.name, baseUrl: provider.baseUrl ?? '', keyId: from.id, newKeyId: id }, closing)
    if (!ran.isDone && closing.aborted) {
      await writeUnlessConflict(database, [tasks.letGo(claim.id)])
      return { outcome: 'taken' }
    }
    const reason = ran.isDone ? await take(deps, { provider, from, id, claim, by }, ran.line) : ran.reason
    if (reason === null) return { outcome: 'rotated', id }
    const failed = claims.failed(claim, reason)
    await writeUnlessConflict(database, [
      tasks.fail(claim.id, failed), ...(reason === 'unsafe-program' || reason === 'not-started' ? [tasks.drop(id, 'revoke')] : []),
      securityEventStep(database, { at: clock.now(), type: 'provider-credential-not-rotated', severity: 'high', accountId: null, detail: { provider: provider.name, version: from.version, reason, failures: failed.failures, nextTryAt: toMoment(failed.next_try_at) } }),
    ])
    return { outcome: 'failed', reason, nextTryAt: failed.next_try_at }
  }
}

interface Taking { readonly provider: ActiveProvider; readonly from: StoredCredential; readonly id: string; readonly claim: HookClaim; readonly by: Caller | null }

/** Puts what the hook printed in use, if it is a key that the provider takes. Gives why not. */
async function take({ database, store, clock, trial, failOver, tellOthers }: HookRotationDeps, { provider, from, id, claim, by }: Taking, line: Secret): Promise<HookReason | null> {
  const key = ProviderKey.safeParse(line.reveal())
  if (!key.success) return 'no-key'
  try {
    const { row } = await trial(provider, { credential: key.data, id })
    const at = clock.now()
    const note = { at, action: 'provider-credential-rotated', detail: { provider: provider.name, from: from.version, to: row.version } } as const
    await database.write([
      store.credentials.insert(row), ...promotionSteps(store, { provider, from, to: row, secret: row.credential, at }), tellOthers(),
      store.hookTasks.end(claim.id), store.hookTasks.keep(id), store.hookTasks.planRevocation({ credentialId: from.id, providerId: provider.id, environment: from.environment }, null), by === null ? auditServerStep(note) : auditStep(by, note),
    ])
    failOver.install({ ...provider, credential: row.credential, credentialEnvironment: row.environment }, row.id)
    return null
  } catch (error) {
    if (error instanceof WriteConflict) return 'changed-meanwhile'
    const reason = error instanceof ProblemError ? reasons[error.code] : undefined
    if (reason === undefined) throw error
    return reason
  }
}
