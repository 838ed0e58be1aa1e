import type { DeploymentEnvironment } from '@sallyport/contract'
import type { WriteStep } from '../../database/database.ts'
import { newId } from '../../kernel/ids.ts'
import { isSameSecret } from '../../kernel/secret.ts'
import type { ProviderSettings } from './active.ts'
import type { CredentialStore } from './credential-store.ts'

interface Saved { readonly before: ProviderSettings | undefined; readonly settings: ProviderSettings; readonly at: number; /** What a new key is for. */ readonly environment: DeploymentEnvironment }
/** The version that is in use afterwards, and the steps that belong behind the provider's own row. */
export interface SavedKey { readonly credentialId: string | null; readonly steps: readonly WriteStep[] }

/**
 * What becomes of the versions of a key when a provider is saved, or taken up at the start: a new key is a new version, and the former one is
 * kept for a while. Where the provider is another one now, every former key is destroyed: it must not go to another host.
 */
export async function savedKey(store: CredentialStore, { before, settings, at, environment }: Saved): Promise<SavedKey> {
  const rows = await store.of(settings.id)
  const inUse = rows.find(({ state }) => state === 'active')
  const isSameHost = before === undefined || (before.adapter === settings.adapter && before.baseUrl === settings.baseUrl)
  const isSameKey = isSameSecret(before?.credential ?? null, settings.credential)
  if (inUse !== undefined && isSameHost && isSameKey) return { credentialId: inUse.id, steps: [] }
  const steps = isSameHost
    ? inUse === undefined ? [] : [store.change(inUse, { state: 'retiring', retired_at: at }, before?.credential ?? null)]
    : rows.filter(({ state }) => state !== 'revoked').map((row) => store.change(row, { state: 'revoked', revoked_at: at }, null))
  if (settings.credential === null) return { credentialId: null, steps }
  const id = newId('providerCredential', at)
  return { credentialId: id, steps: [...steps, store.insert({ id, provider_id: settings.id, version: (rows[0]?.version ?? 0) + 1, state: 'active', environment, credential: null, created_at: at, activated_at: at, expires_at: null })] }
}
