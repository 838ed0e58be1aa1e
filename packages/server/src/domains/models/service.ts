import type { Provider, ProviderAdapter } from '@sallyport/contract'
import type { WriteStep } from '../../database/database.ts'
import { describeError } from '../../kernel/log.ts'
import type { Secret } from '../../kernel/secret.ts'
import { ProviderFailure, type ModelProvider } from '../../ports/model-provider.ts'
import { activate, toProvider, type ActiveProvider, type ModelDeps } from './active.ts'
import { createProviderChanges, toProblem } from './change-providers.ts'
import { createUseCounter } from './count-use.ts'
import { createCredentials } from './credentials.ts'
import { createFailOver } from './fail-over.ts'
import { createRegistry } from './registry.ts'
import { createTakeUp } from './take-up.ts'

const DISCOVERY_SECONDS = 15
const MODELS_KEPT = 500
const MODEL_FORM = /^[\w.:/@+-]{1,200}$/

/** Which models there are, and the providers behind them. */
export function createModels(deps: ModelDeps) {
  const { log, configured, descriptors } = deps
  const registry = createRegistry(deps.fallbacks)
  const { active, ordered } = registry

  const discover = async (provider: ModelProvider): Promise<readonly string[]> => {
    const offered = await provider.listModels(AbortSignal.timeout(DISCOVERY_SECONDS * 1_000))
    return offered.map(({ id }) => id).filter((id) => MODEL_FORM.test(id)).slice(0, MODELS_KEPT)
  }
  const tellOthers = () => deps.revocations.step({ kind: 'providers' })
  const { failOver, credentials, takeUp } = createProviderKeys(deps, { active, discover, tellOthers })
  deps.revocations.subscribe(({ kind }) => {
    if (kind === 'providers') takeUp().catch((error: unknown) => { log.error(describeError(error), 'providers-not-read') })
  })

  return {
    credentials,
    /** Takes up what is configured and stored. Belongs behind the beginning of the listening to other processes: what they change from then on is heard of. */
    async load(): Promise<void> {
      for (const settings of configured) active.set(settings.name, activate(settings, deps))
      await takeUp()
    },
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
    ...createProviderChanges({ ...deps, active, discover, takeUp, tellOthers, failOver }),
  }
}
export type Models = ReturnType<typeof createModels>

interface KeyParts { readonly tellOthers: () => WriteStep; readonly active: Map<string, ActiveProvider>; readonly discover: (provider: ModelProvider) => Promise<readonly string[]> }

/** The keys of providers: what takes over when one is refused, and what administrators do with them. */
function createProviderKeys(deps: ModelDeps, { active, discover, tellOthers }: KeyParts) {
  const { database, store, clock, log, egress } = deps
  const uses = createUseCounter(database, store.credentials, clock)
  const failOver = createFailOver({ database, store, clock, log, active, uses, tellOthers, takeUp: () => takeUp(), activate: (settings) => activate(settings, deps) })
  const takeUp = createTakeUp({ database, store, clock, log, active, egress, tellOthers, install: failOver.install })
  const tryKey = async (provider: ActiveProvider, credential: Secret): Promise<void> => {
    try {
      await discover(activate({ ...provider, credential }, deps).provider)
    } catch (error) {
      if (!(error instanceof ProviderFailure)) throw error
      // Some list no models, or not to everybody: that says nothing of the key.
      if (['rejected-credential', 'timeout', 'unavailable'].includes(error.kind)) throw toProblem(error)
    }
  }
  return { failOver, takeUp, credentials: createCredentials({ database, store, clock, active, uses, failOver, tryKey, tellOthers }) }
}
