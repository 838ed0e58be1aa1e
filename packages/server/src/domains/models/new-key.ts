import type { DeploymentEnvironment } from '@sallyport/contract'
import type { Clock } from '../../kernel/clock.ts'
import { newId } from '../../kernel/ids.ts'
import { ProblemError } from '../../kernel/problem.ts'
import { Secret } from '../../kernel/secret.ts'
import { providerCredentials } from '../../policy/provider-credentials.ts'
import type { ActiveProvider } from './active.ts'
import { requireKeyForm } from './credential-form.ts'
import type { StoredCredential } from './credential-store.ts'
import { requireEnvironment } from './environments.ts'
import type { ProviderStore } from './store.ts'

/** Asks the provider with a key whether it takes it. Throws `ProblemError` when it does not. */
export type TryKey = (provider: ActiveProvider, credential: Secret) => Promise<void>
export interface NewKey { readonly credential: string; readonly environment?: DeploymentEnvironment | undefined; readonly expiresAt?: string | undefined; /** Chosen beforehand, where it must be known before the key is. */ readonly id?: string }
/** A key that was tried, as the version that it would be, and the versions that there are. */
export interface TriedKey { readonly rows: readonly StoredCredential[]; readonly row: StoredCredential & { readonly credential: Secret } }
interface TrialDeps { readonly store: ProviderStore; readonly clock: Clock; readonly environment: DeploymentEnvironment; readonly tryKey: TryKey }

/**
 * The one way of every new key, whoever brings it: its form, what it is for, whether it is new, and whether the provider takes it. Nothing is
 * written. Throws `invalid-request`, `conflict`, `provider-error` and `provider-unavailable`.
 */
export const createKeyTrial = ({ store, clock, environment, tryKey }: TrialDeps) => async (provider: ActiveProvider, { credential, environment: wanted, expiresAt, id }: NewKey): Promise<TriedKey> => {
  requireEnvironment(wanted, environment)
  requireUsable(credential, expiresAt, clock.now())
  const rows = await store.credentials.of(provider.id)
  if (rows.filter(({ state }) => state !== 'revoked').length >= providerCredentials.mostVersions) throw new ProblemError('conflict', { detail: 'This provider has too many keys. Revoke some first.' })
  if ([provider.credential, ...rows.map((row) => row.credential)].some((known) => known?.equals(credential))) throw new ProblemError('conflict', { detail: 'This key is there already.' })
  const secret = new Secret(credential)
  await tryKey(provider, secret)
  const at = clock.now()
  return {
    rows, row: {
      id: id ?? newId('providerCredential', at), provider_id: provider.id, version: (rows[0]?.version ?? 0) + 1, state: 'standby', environment, credential: secret, created_at: at, activated_at: null, expires_at: expiresAt === undefined ? null : Date.parse(expiresAt),
      retired_at: null, revoked_at: null, rejected_at: null, last_used_at: null, calls: 0, input_tokens: 0, output_tokens: 0, cost: 0, rotation_told_at: null, expiry_told_at: null,
    },
  }
}
export type KeyTrial = ReturnType<typeof createKeyTrial>

/** The provider of that name, whose keys administrators change. Throws `not-found`, and `conflict` for one that the configuration brings. */
export function storedProvider(active: ReadonlyMap<string, ActiveProvider>, name: string): ActiveProvider {
  const provider = active.get(name)
  if (provider === undefined) throw new ProblemError('not-found')
  if (provider.origin !== 'stored') throw new ProblemError('conflict', { detail: 'The key of this provider comes from the configuration of the server. Change it there.' })
  return provider
}

/** Throws `invalid-request` for what cannot be a key, and for one that has ended. */
function requireUsable(credential: string, expiresAt: string | undefined, now: number): void {
  requireKeyForm(credential)
  if (expiresAt !== undefined && Date.parse(expiresAt) <= now) throw new ProblemError('invalid-request', { detail: 'This key has ended already by the date that you gave. Give the day on which it ends, or a key that has not.' })
}
