import type { Provider } from '@sallyport/contract'
import type { Database } from '../../database/database.ts'
import { toMoment, type Clock } from '../../kernel/clock.ts'
import type { Log } from '../../kernel/log.ts'
import { ProblemError } from '../../kernel/problem.ts'
import type { Secret } from '../../kernel/secret.ts'
import type { ModelProviderDeps, ModelProviderDescriptor } from '../../ports/model-provider.ts'
import type { SharedRevocations } from '../revocations/index.ts'
import type { Fallbacks } from './fallbacks.ts'
import { resilient, type ResilienceRules, type ResilientProvider } from './resilient.ts'
import type { ProviderStore } from './store.ts'

export interface ProviderSettings {
  readonly id: string
  readonly name: string
  readonly adapter: string
  readonly baseUrl: string | null
  readonly credential: Secret | null
  readonly allowPrivateAddress: boolean
  readonly models: readonly string[]
  readonly createdAt: number
  readonly origin: Provider['origin']
  /** The version of the key that is in use; absent where keys have none. */
  readonly credentialId?: string
}
/** A provider that can be called now. */
export interface ActiveProvider extends ProviderSettings { readonly descriptor: ModelProviderDescriptor; readonly provider: ResilientProvider }

export interface ActivateDeps {
  readonly descriptors: readonly ModelProviderDescriptor[]
  readonly egress: { list(holder: string, entry: { readonly origin: URL; readonly allowPrivateAddress: boolean }): void; unlist(holder: string): void }
  readonly providerDeps: ModelProviderDeps
  readonly resilience: ResilienceRules
  readonly clock: Clock
  /** Adapters' own settings, by adapter, beside address and key. */
  readonly adapterSettings: Readonly<Record<string, Readonly<Record<string, unknown>>>>
}

/** What the domain is made of. */
export interface ModelDeps extends ActivateDeps {
  readonly database: Database
  readonly store: ProviderStore
  readonly log: Log
  /** Who takes over from whom; from nobody where it is left out. */
  readonly fallbacks?: Fallbacks
  readonly revocations: Pick<SharedRevocations, 'step' | 'subscribe'>
  /** From the program and its configuration; an administrator cannot change these from the page. */
  readonly configured: readonly ProviderSettings[]
}

/** Makes a provider from its settings and lists its host for egress, exactly that one. Throws `invalid-request` for settings that do not fit the adapter. */
export function activate(settings: ProviderSettings, { descriptors, egress, providerDeps, adapterSettings, resilience, clock }: ActivateDeps): ActiveProvider {
  const descriptor = descriptors.find(({ id }) => id === settings.adapter)
  if (descriptor === undefined) throw refuse('/adapter', `There is no adapter of that name. Use one of: ${descriptors.map(({ id }) => id).join(', ')}.`)
  const baseUrl = settings.baseUrl ?? descriptor.defaultBaseUrl
  if (descriptor.needsCredential && settings.credential === null) throw refuse('/credential', 'This provider needs its key.')
  const config = descriptor.config.safeParse({
    ...adapterSettings[descriptor.id], ...(baseUrl !== null && { baseUrl }), ...(settings.credential !== null && { credential: settings.credential }),
  })
  if (!config.success) {
    const [issue] = config.error.issues
    throw refuse(`/${issue?.path.join('/') ?? ''}`, issue?.message ?? 'Check the settings.')
  }
  if (baseUrl !== null) egress.list(settings.name, { origin: new URL(baseUrl), allowPrivateAddress: settings.allowPrivateAddress })
  else egress.unlist(settings.name)
  return { ...settings, baseUrl, descriptor, provider: resilient(descriptor.create(config.data, providerDeps), resilience, clock) }
}

const refuse = (pointer: string, detail: string) => new ProblemError('invalid-request', { detail: `${pointer.slice(1)}: ${detail}`, members: { errors: [{ pointer, detail }] } })

/** A provider as the wire shows it: whether there is a key, never the key. */
export const toProvider = (active: ActiveProvider): Provider => ({
  health: active.provider.health(),
  id: active.id, name: active.name, adapter: active.adapter, baseUrl: active.baseUrl ?? '', hasCredential: active.credential !== null,
  allowPrivateAddress: active.allowPrivateAddress, models: [...active.models], origin: active.origin, createdAt: toMoment(active.createdAt),
})
