import type { Provider, ProviderAdapter } from '@sallyport/contract'
import { WriteConflict, type Database } from '../../database/database.ts'
import type { Caller } from '../../kernel/handler.ts'
import { newId } from '../../kernel/ids.ts'
import { describeError, type Log } from '../../kernel/log.ts'
import { ProblemError } from '../../kernel/problem.ts'
import { Secret } from '../../kernel/secret.ts'
import { ProviderFailure, type ModelProvider } from '../../ports/model-provider.ts'
import { auditStep } from '../audit/index.ts'
import { activate, toProvider, type ActivateDeps, type ActiveProvider, type ProviderSettings } from './active.ts'
import { createUseCounter } from './count-use.ts'
import { requireKeyForm } from './credential-form.ts'
import { createCredentials } from './credentials.ts'
import { createFailOver, type FailOver } from './fail-over.ts'
import { createRegistry } from './registry.ts'
import { savedKey } from './saved-key.ts'
import type { ProviderStore } from './store.ts'

export interface ProviderChange {
  readonly adapter: string
  readonly baseUrl?: string | undefined
  readonly credential?: string | undefined
  readonly allowPrivateAddress?: boolean | undefined
  readonly models?: readonly string[] | undefined
}
export interface ModelDeps extends ActivateDeps {
  readonly database: Database
  readonly store: ProviderStore
  readonly log: Log
  /** From the program and its configuration; an administrator cannot change these from the page. */
  readonly configured: readonly ProviderSettings[]
}

const DISCOVERY_SECONDS = 15
const MODELS_KEPT = 500
const MODEL_FORM = /^[\w.:/@+-]{1,200}$/

/** Which models there are, and the providers behind them. */
export function createModels(deps: ModelDeps) {
  const { database, store, clock, log, configured, descriptors, egress } = deps
  const registry = createRegistry()
  const { active, ordered } = registry

  const discover = async (provider: ModelProvider): Promise<readonly string[]> => {
    const offered = await provider.listModels(AbortSignal.timeout(DISCOVERY_SECONDS * 1_000))
    return offered.map(({ id }) => id).filter((id) => MODEL_FORM.test(id)).slice(0, MODELS_KEPT)
  }
  const refuseConfigured = (name: string) => {
    if (configured.some((provider) => provider.name === name)) {
      throw new ProblemError('conflict', { detail: 'This provider comes from the configuration of the server. Change it there, or choose another name.' })
    }
  }

  const { failOver, credentials } = createProviderKeys(deps, { active, discover })

  return {
    credentials,
    /** Takes up what is configured and stored. A stored provider that no longer fits is left out, with a line in the log. */
    load: () => takeUp(deps, { active, failOver }),
    /** Asks configured providers what they offer. Never fails: who does not answer offers nothing yet. */
    async discoverConfigured(): Promise<void> {
      await Promise.all([...active.values()].filter(({ origin, models }) => origin === 'configuration' && models.length === 0).map(async (provider) => {
        try {
          active.set(provider.name, { ...provider, models: await discover(provider.provider) })
        } catch (error) {
          log.warn({ provider: provider.name, ...describeError(error) }, 'models-not-listed')
        }
      }))
    },
    list: registry.list,
    defaultModel: registry.defaultModel,
    resolve: registry.resolve,
    listProviders: (): { items: Provider[]; adapters: ProviderAdapter[] } => ({
      items: ordered().map(toProvider),
      adapters: descriptors.filter(({ capabilities }) => !capabilities.grounding).map(({ id, title, defaultBaseUrl, needsCredential }) =>
        ({ id, title, defaultBaseUrl, needsCredential, needsBaseUrl: defaultBaseUrl === null })),
    }),
    /** Adds or changes a provider, after it said what it offers. */
    async save(caller: Caller, name: string, change: ProviderChange): Promise<Provider> {
      refuseConfigured(name)
      const before = active.get(name)
      const defaultBaseUrl = descriptors.find(({ id }) => id === change.adapter)?.defaultBaseUrl ?? null
      const settings = changed(before ?? { id: newId('provider', clock.now()), createdAt: clock.now() }, { name, defaultBaseUrl }, change)
      if (change.credential !== undefined) requireKeyForm(change.credential)
      const restore = () => { if (before === undefined) egress.unlist(name); else failOver.install(before, before.credentialId ?? null) }
      try {
        const next = activate(settings, deps)
        const models = change.models ?? await discover(next.provider)
        const saved = { ...settings, baseUrl: next.baseUrl ?? '', models }
        const key = await savedKey(store.credentials, { before, settings: saved, at: clock.now() })
        await database.write([
          ...store.put(saved), ...key.steps,
          auditStep(caller, { at: clock.now(), action: 'provider-saved', detail: { name, adapter: settings.adapter, models: models.length, allowPrivateAddress: settings.allowPrivateAddress } }),
        ])
        return toProvider(failOver.install({ ...next, models }, key.credentialId))
      } catch (error) {
        restore()
        throw error instanceof ProviderFailure ? toProblem(error) : error
      }
    },
    async remove(caller: Caller, name: string): Promise<void> {
      refuseConfigured(name)
      try {
        await database.write([store.remove(name), auditStep(caller, { at: clock.now(), action: 'provider-deleted', detail: { name } })])
      } catch (error) {
        throw error instanceof WriteConflict ? new ProblemError('not-found') : error
      }
      active.delete(name)
      egress.unlist(name)
    },
  }
}
export type Models = ReturnType<typeof createModels>

async function takeUp(deps: ModelDeps, { active, failOver }: { readonly active: Map<string, ActiveProvider>; readonly failOver: FailOver }): Promise<void> {
  const { database, store, clock, log, configured } = deps
  for (const settings of configured) active.set(settings.name, activate(settings, deps))
  for (const stored of await store.all()) {
    if (active.has(stored.name)) continue
    try {
      const settings = { ...stored, origin: 'stored' } as const
      const key = await savedKey(store.credentials, { before: settings, settings, at: clock.now() })
      if (key.steps.length > 0) await database.write(key.steps)
      failOver.install(settings, key.credentialId)
    } catch (error) {
      log.error({ provider: stored.name, ...describeError(error) }, 'provider-left-out')
    }
  }
}

interface KeyParts { readonly active: Map<string, ActiveProvider>; readonly discover: (provider: ModelProvider) => Promise<readonly string[]> }

/** The keys of providers: what takes over when one is refused, and what administrators do with them. */
function createProviderKeys(deps: ModelDeps, { active, discover }: KeyParts) {
  const { database, store, clock, log } = deps
  const uses = createUseCounter(database, store.credentials, clock)
  const failOver = createFailOver({ database, store, clock, log, active, uses, activate: (settings) => activate(settings, deps) })
  const tryKey = async (provider: ActiveProvider, credential: Secret): Promise<void> => {
    try {
      await discover(activate({ ...provider, credential }, deps).provider)
    } catch (error) {
      if (!(error instanceof ProviderFailure)) throw error
      // Some list no models, or not to everybody: that says nothing of the key.
      if (['rejected-credential', 'timeout', 'unavailable'].includes(error.kind)) throw toProblem(error)
    }
  }
  return { failOver, credentials: createCredentials({ database, store, clock, active, uses, failOver, tryKey }) }
}

type Known = Pick<ProviderSettings, 'id' | 'createdAt'> & Partial<ProviderSettings>

/** A provider's settings after a change. A key that is left out stays for the same adapter and address alone: it must not go to another host. */
function changed(before: Known, { name, defaultBaseUrl }: { readonly name: string; readonly defaultBaseUrl: string | null }, change: ProviderChange): ProviderSettings {
  const baseUrl = change.baseUrl ?? defaultBaseUrl
  const keepsKey = before.adapter === change.adapter && before.baseUrl === baseUrl
  return {
    id: before.id, name, adapter: change.adapter, baseUrl, origin: 'stored', createdAt: before.createdAt,
    credential: change.credential === undefined ? (keepsKey ? before.credential ?? null : null) : new Secret(change.credential),
    allowPrivateAddress: change.allowPrivateAddress ?? false, models: change.models ?? [],
  }
}

function toProblem(failure: ProviderFailure): ProblemError {
  const detail = failure.kind === 'rejected-credential' ? 'The provider refused this key. Check it and save again. Nothing was changed.'
    : 'The provider did not list its models. Check its address (and whether it may be at a private one), or name the models yourself. Nothing was changed.'
  return new ProblemError(failure.kind === 'timeout' || failure.kind === 'unavailable' ? 'provider-unavailable' : 'provider-error', { detail, cause: failure })
}
