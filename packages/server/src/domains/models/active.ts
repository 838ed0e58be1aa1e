import type { DeploymentEnvironment, Provider } from '@sallyport/contract'
import type { Database } from '../../database/database.ts'
import { toMoment, type Clock } from '../../kernel/clock.ts'
import type { Log } from '../../kernel/log.ts'
import { ProblemError } from '../../kernel/problem.ts'
import type { Secret } from '../../kernel/secret.ts'
import type { ModelProviderDeps, ModelProviderDescriptor, ModelRequest } from '../../ports/model-provider.ts'
import type { RotationHook } from '../../ports/rotation-hook.ts'
import type { SharedRevocations } from '../revocations/index.ts'
import type { SecretSubject, UseMeter } from '../secret-uses/index.ts'
import type { BoundKey } from './environments.ts'
import type { Fallbacks } from './fallbacks.ts'
import { resilient, type ResilienceRules, type ResilientProvider } from './resilient.ts'
import type { ProviderStore } from './store.ts'

export interface ProviderSettings extends BoundKey {
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
export interface ActiveProvider extends ProviderSettings { readonly descriptor: ModelProviderDescriptor; readonly provider: ResilientProvider; /** What its key is for, where that is something else than the server is for: it is never called. */ readonly heldBack: DeploymentEnvironment | null }

export interface ActivateDeps {
  readonly descriptors: readonly ModelProviderDescriptor[]
  readonly egress: { list(holder: string, entry: { readonly origin: URL; readonly allowPrivateAddress: boolean }): void; unlist(holder: string): void; fetchFor(holder: string): ModelProviderDeps['fetchConfigured'] }
  readonly resilience: ResilienceRules
  readonly clock: Clock
  readonly log: Log
  /** Counts what keys are read for; nobody does where it is left out. */
  readonly meter?: UseMeter
  /** Adapters' own settings, by adapter, beside address and key. */
  readonly adapterSettings: Readonly<Record<string, Readonly<Record<string, unknown>>>>
}

/** What the domain is made of. */
export interface ModelDeps extends ActivateDeps {
  readonly database: Database
  readonly store: ProviderStore
  /** What tokens of a model cost; nothing where it is left out. */
  readonly costOf?: (model: string) => Promise<(inputTokens: number, outputTokens: number) => { readonly money: number }>
  /** What this server is for. */
  readonly environment: DeploymentEnvironment
  /** Makes keys at providers; nobody does where it is left out. */
  readonly hook?: RotationHook
  /** Who takes over from whom; from nobody where it is left out. */
  readonly fallbacks?: Fallbacks
  readonly revocations: Pick<SharedRevocations, 'step' | 'subscribe'>
  /** From the program and its configuration; an administrator cannot change these from the page. */
  readonly configured: readonly ProviderSettings[]
}

/** Makes a provider from its settings and lists its host for egress, exactly that one. Throws `invalid-request` for settings that do not fit the adapter. */
export function activate(settings: ProviderSettings, { descriptors, egress, adapterSettings, resilience, clock, log, meter }: ActivateDeps, purposes: Purposes = inUse): ActiveProvider {
  const descriptor = descriptors.find(({ id }) => id === settings.adapter)
  if (descriptor === undefined) throw refuse('/adapter', `There is no adapter of that name. Use one of: ${descriptors.map(({ id }) => id).join(', ')}.`)
  const baseUrl = settings.baseUrl ?? descriptor.defaultBaseUrl
  if (descriptor.needsCredential && settings.credential === null) throw refuse('/credential', 'This provider needs its key.')
  const configFor = (purpose: string) => descriptor.config.safeParse({
    ...adapterSettings[descriptor.id], ...(baseUrl !== null && { baseUrl }), ...(settings.credential !== null && { credential: meter?.watch(settings.credential, keySubject(settings), purpose) ?? settings.credential }),
  })
  const [config, listing] = [configFor(purposes.asking), configFor(purposes.listing)]
  if (!config.success || !listing.success) {
    const [issue] = config.error?.issues ?? []
    throw refuse(`/${issue?.path.join('/') ?? ''}`, issue?.message ?? 'Check the settings.')
  }
  if (baseUrl !== null) egress.list(settings.name, { origin: new URL(baseUrl), allowPrivateAddress: settings.allowPrivateAddress })
  else egress.unlist(settings.name)
  // Under its own permission: another provider at the same address may have one that this has not.
  const providerDeps: ModelProviderDeps = { fetchConfigured: egress.fetchFor(settings.name) }
  // One adapter for each purpose, so that a read says what it was for.
  const [asked, listed] = [descriptor.create(config.data, providerDeps), descriptor.create(listing.data, providerDeps)]
  const provider = { stream: (request: ModelRequest, signal: AbortSignal) => asked.stream(request, signal), listModels: (signal: AbortSignal) => listed.listModels(signal) }
  return { ...settings, baseUrl, descriptor, heldBack: null, provider: resilient(provider, resilience, { clock, onImplausible: (found) => { log.warn({ provider: settings.name, ...found }, 'provider-count-implausible') } }) }
}

/** What a key is read for when the provider is asked for an answer, and for its models. */
interface Purposes { readonly asking: string; readonly listing: string }
const inUse: Purposes = { asking: 'turn', listing: 'list-models' }
/** A key that is not taken up yet. */
export const beingTried: Purposes = { asking: 'test', listing: 'test' }

/** Which key it is: a version's id, or where it stands. */
export const keySubject = ({ credentialId, name, origin }: Pick<ProviderSettings, 'credentialId' | 'name' | 'origin'>): SecretSubject =>
  ({ kind: 'provider-key', name: credentialId ?? (origin === 'configuration' ? `providers.${name}.credential` : `new key of ${name}`) })

const refuse = (pointer: string, detail: string) => new ProblemError('invalid-request', { detail: `${pointer.slice(1)}: ${detail}`, members: { errors: [{ pointer, detail }] } })

/** A provider as the wire shows it: whether there is a key, never the key. */
export const toProvider = (active: ActiveProvider, keyAdvice: Provider['keyAdvice']): Provider => ({
  health: active.provider.health(),
  id: active.id, name: active.name, adapter: active.adapter, baseUrl: active.baseUrl ?? '', hasCredential: active.credential !== null, heldBack: active.heldBack, keyAdvice: [...keyAdvice],
  allowPrivateAddress: active.allowPrivateAddress, models: [...active.models], origin: active.origin, createdAt: toMoment(active.createdAt),
})
