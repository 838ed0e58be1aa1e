import type { DeploymentEnvironment } from '@sallyport/contract'
import type { Database } from '../../database/database.ts'
import { writeUnlessConflict } from '../../database/write-unless-conflict.ts'
import type { Clock } from '../../kernel/clock.ts'
import { rotationHooks } from '../../policy/provider-credentials.ts'
import type { RotationHook } from '../../ports/rotation-hook.ts'
import { auditServerStep, securityEventStep } from '../audit/index.ts'
import type { ActiveProvider } from './active.ts'
import type { HookClaims } from './hook-run.ts'
import type { ProviderStore } from './store.ts'

interface HookRevocationDeps { readonly database: Database; readonly store: ProviderStore; readonly clock: Clock; readonly environment: DeploymentEnvironment; readonly hook: RotationHook; readonly claims: HookClaims; readonly closing: AbortSignal; readonly covered: () => readonly ActiveProvider[] }

/**
 * Tells hooks of versions that are destroyed here, or were made and not taken, so that they end at the provider too. Of versions for another environment it says nothing: a copy
 * for staging must not end what production uses. What fails is tried again some times,
 * and then told to administrators.
 */
export const createHookRevocation = ({ database, store, clock, environment, hook, claims, closing, covered }: HookRevocationDeps) => async (): Promise<void> => {
  const tasks = store.hookTasks
  for (const task of await tasks.revocable(clock.now(), environment)) {
    const provider = covered().find(({ id }) => id === task.provider_id)
    if (provider === undefined || closing.aborted) continue
    const claim = await claims.take('revoke', { credentialId: task.credential_id, providerId: provider.id, environment }, { failures: task.failures })
    if (claim === null) continue
    const ran = await hook.run({ verb: 'revoke', provider: provider.name, baseUrl: provider.baseUrl ?? '', keyId: task.credential_id, newKeyId: null }, closing)
    const detail = { provider: provider.name, version: task.version, keyId: task.credential_id }
    const at = clock.now()
    if (ran.isDone) { await writeUnlessConflict(database, [tasks.end(claim.id), auditServerStep({ at, action: 'provider-credential-ended-there', detail })]); continue }
    if (closing.aborted) { await writeUnlessConflict(database, [tasks.letGo(claim.id)]); continue }
    const failed = claims.failed(claim, ran.reason)
    await writeUnlessConflict(database, failed.failures < rotationHooks.revokeTries ? [tasks.fail(claim.id, failed)]
      : [tasks.end(claim.id), securityEventStep(database, { at, type: 'provider-credential-not-revoked', severity: 'high', accountId: null, detail: { ...detail, reason: ran.reason } })])
  }
}
