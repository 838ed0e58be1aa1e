import type { DeploymentEnvironment } from '@sallyport/contract'
import type { Database } from '../../database/database.ts'
import { writeUnlessConflict } from '../../database/write-unless-conflict.ts'
import { isDueAgain, liesAhead, toMoment, type Clock } from '../../kernel/clock.ts'
import { providerCredentials } from '../../policy/provider-credentials.ts'
import { securityEventStep } from '../audit/index.ts'
import type { CredentialStore } from './credential-store.ts'

const DAY = 86_400_000
type Aging = 'rotate' | 'expires-soon' | 'expired'
interface Age { readonly created_at: number; readonly expires_at: number | null }

/** What is to be said of a key by its age and its end, where it is used or stands by (SEC-7). */
export function agingOf({ created_at: created, expires_at: ends }: Age, now: number): readonly Aging[] {
  const { rotateAfterDays, expiresSoonDays } = providerCredentials
  const end = ends === null || ends - now >= expiresSoonDays * DAY ? null : ends <= now ? 'expired' : 'expires-soon'
  return [...(end === null ? [] : [end] as const), ...(isDueAgain(created, now, rotateAfterDays * DAY) ? ['rotate'] as const : [])]
}

type LiveKey = Awaited<ReturnType<CredentialStore['live']>>[number]
interface ReminderDeps { readonly database: Database; readonly clock: Clock; readonly environment: DeploymentEnvironment; /** Whether a program replaces a provider's key in use, and says so itself where it cannot. */ readonly isReplaced?: (provider: string) => boolean; readonly store: { readonly credentials: Pick<CredentialStore, 'live' | 'markTold'> } }

/**
 * Tells of providers' keys that are old, again for each further interval, and of those that end, before and when they have: by a security event, which
 * goes into the log, and by mail to those who administrate. Gives how often it told. Keys for another environment are not this server's to replace.
 */
export const createCredentialReminder = ({ database, store: { credentials }, clock, environment, isReplaced = () => false }: ReminderDeps) => async (): Promise<number> => {
  const at = clock.now()
  let told = 0
  for (const key of (await credentials.live()).filter((each) => each.environment === environment)) {
    const isTakenCareOf = key.state === 'active' && isReplaced(key.provider)
    for (const steps of dueOf(key, at).filter(({ column }) => !isTakenCareOf || column !== 'rotation_told_at').map(({ column, type, detail }) => [
      credentials.markTold(key.id, column, { before: key[column], at }),
      securityEventStep(database, { at, type, severity: 'medium', accountId: null, isTold: true, detail: { provider: key.provider, version: key.version, ...detail } }),
    ])) {
      // Where not, another process told of it.
      if (await writeUnlessConflict(database, steps)) told += 1
    }
  }
  return told
}

interface Due { readonly column: 'rotation_told_at' | 'expiry_told_at'; readonly type: 'provider-credential-old' | 'provider-credential-ends'; readonly detail: Readonly<Record<string, string | boolean>> }

function dueOf(key: LiveKey, at: number): readonly Due[] {
  const { rotation_told_at: rotationTold, expiry_told_at: expiryTold, expires_at: ends } = key
  return agingOf(key, at).flatMap((aging): readonly Due[] => {
    if (aging === 'rotate') {
      const isDue = rotationTold === null || isDueAgain(rotationTold, at, providerCredentials.rotateAfterDays * DAY)
      return isDue ? [{ column: 'rotation_told_at', type: 'provider-credential-old', detail: { addedAt: toMoment(key.created_at) } }] : []
    }
    // Once before its end, and once when it has come.
    const isTold = expiryTold !== null && !liesAhead(expiryTold, at) && (aging === 'expires-soon' || (ends !== null && expiryTold >= ends))
    return isTold ? [] : [{ column: 'expiry_told_at', type: 'provider-credential-ends', detail: { endsAt: toMoment(ends ?? at), hasEnded: aging === 'expired' } }]
  })
}
