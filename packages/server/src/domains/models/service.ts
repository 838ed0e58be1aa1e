import type { DeploymentEnvironment, Provider, ProviderAdapter } from '@sallyport/contract'
import type { WriteStep } from '../../database/database.ts'
import { describeError } from '../../kernel/log.ts'
import type { Secret } from '../../kernel/secret.ts'
import { ProviderFailure, type ModelProvider } from '../../ports/model-provider.ts'
import type { RotationHook } from '../../ports/rotation-hook.ts'
import { activate, beingTried, toProvider, type ActiveProvider, type ModelDeps } from './active.ts'
import { createProviderChanges, toProblem } from './change-providers.ts'
import { createUseCounter } from './count-use.ts'
import { createCredentials } from './credentials.ts'
import { createFailOver } from './fail-over.ts'
import { createHooks } from './hooks.ts'
import { createKeyTrial } from './new-key.ts'
import { agingOf, createCredentialReminder } from './remind-credentials.ts'
import { createRegistry } from './registry.ts'
import { createReplacement } from './replace-credentials.ts'
import { createShown } from './show-credentials.ts'
import { createTakeUp } from './take-up.ts'

const DISCOVERY_SECONDS = 15
const MODELS_KEPT = 500
const MODEL_FORM = /^[\w.:/@+-]{1,200}$/

/** Which models there are, and the providers behind them. */
export function createModels(deps: ModelDeps) {
  const { log, configured, descriptors } = deps
  const registry = createRegistry(deps.environment, deps.fallbacks)
  const { active, ordered } = registry

  const discover = async (provider: ModelProvider): Promise<readonly string[]> => {
    const offered = await provider.listModels(AbortSignal.timeout(DISCOVERY_SECONDS * 1_000))
    return offered.map(({ id }) => id).filter((id) => MODEL_FORM.test(id)).slice(0, MODELS_KEPT)
  }
  /** Providers as the wire shows them, with what is to be said of the key of each that is in use. */
  const withAdvice = async (providers: readonly ActiveProvider[]): Promise<Provider[]> => {
    const [keys, failing, now] = [new Map((await deps.store.credentials.live()).map((key) => [key.id, key])), await deps.store.hookTasks.failing(), deps.clock.now()]
    return providers.map((provider) => {
      const key = provider.credentialId === undefined ? undefined : keys.get(provider.credentialId)
      const isFailing = failing.some((task) => task.verb === 'rotate' && task.credential_id === provider.credentialId)
      return toProvider(provider, key === undefined ? [] : [...agingOf(key, now), ...(key.rejected_at === null ? [] : ['rejected' as const]), ...(isFailing ? ['hook-failed' as const] : [])])
    })
  }
  const behindConfigured = (saved: readonly { readonly name: string }[]) => saved.filter(({ name }) => active.get(name)?.origin === 'configuration')
    .map(({ name }) => `The provider ${name} that was saved is not used: the configuration brings one of that name. Take one of them away.`)
  const tellOthers = () => deps.revocations.step({ kind: 'providers' })
  const { failOver, credentials, hooks, takeUp } = createProviderKeys(deps, { active, discover, tellOthers })
  deps.revocations.subscribe(({ kind }) => {
    if (kind === 'providers') takeUp().catch((error: unknown) => { log.error(describeError(error), 'providers-not-read') })
  })

  return {
    credentials,
    /** Programs that make keys at providers. */
    hooks,
    /** Every key at once, in an emergency. */
    replaceCredentials: createReplacement({ ...deps, active, failOver, tellOthers }),
    /** Tells of keys that are old or end. */
    remindRotation: createCredentialReminder({ ...deps, isReplaced: hooks.covers }),
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
    /** What an operator should know at the start: keys that are for something else than this server, and saved providers that stand behind configured ones. */
    notices: async (): Promise<readonly string[]> => [...behindConfigured(await deps.store.all()), ...hooks.notices(), ...ordered().flatMap(({ name, heldBack }) => (heldBack === null ? [] : [`The provider ${name} is not used: its key is for ${heldBack}, and this server is for ${deps.environment}. Add a key for ${deps.environment}: npm run sallyport -- providers keys add ${name} --activate`]))],
    list: registry.list,
    defaultModel: registry.defaultModel,
    resolve: registry.resolve,
    /** Whether there is a provider of that name, whether or not it may be called now. */
    has: (name: string): boolean => active.has(name),
    hasProviders: (): boolean => ordered().some(({ origin }) => origin !== 'built-in'),
    listProviders: async (): Promise<{ items: Provider[]; adapters: ProviderAdapter[]; environment: DeploymentEnvironment }> => ({
      environment: deps.environment,
      items: await withAdvice(ordered()),
      adapters: descriptors.filter(({ capabilities }) => !capabilities.grounding).map(({ id, title, defaultBaseUrl, needsCredential }) =>
        ({ id, title, defaultBaseUrl, needsCredential, needsBaseUrl: defaultBaseUrl === null })),
    }),
    ...createProviderChanges({ ...deps, active, discover, takeUp, tellOthers, failOver }),
  }
}
export type Models = ReturnType<typeof createModels>

interface KeyParts { readonly tellOthers: () => WriteStep; readonly active: Map<string, ActiveProvider>; readonly discover: (provider: ModelProvider) => Promise<readonly string[]> }

/** Where no program makes keys. */
const noHook: RotationHook = { origins: new Map(), seconds: 0, run: () => Promise.resolve({ isDone: false, reason: 'not-started' }) }

/** The keys of providers: what takes over when one is refused, and what administrators do with them. */
function createProviderKeys(deps: ModelDeps, { active, discover, tellOthers }: KeyParts) {
  const { database, store, clock, log, egress, environment } = deps
  const uses = createUseCounter({ database, store: store.credentials, clock, meter: deps.meter, costOf: deps.costOf })
  const failOver = createFailOver({ database, store, clock, log, environment, active, uses, tellOthers, takeUp: () => takeUp(), activate: (settings) => activate(settings, deps) })
  const takeUp = createTakeUp({ database, store, clock, log, active, egress, tellOthers, install: failOver.install })
  const tryKey = async (provider: ActiveProvider, credential: Secret): Promise<void> => {
    try {
      const { credentialId: _other, ...settings } = provider
      await discover(activate({ ...settings, credential }, deps, beingTried).provider)
    } catch (error) {
      if (!(error instanceof ProviderFailure)) throw error
      // Some list no models, or not to everybody: that says nothing of the key.
      if (['rejected-credential', 'timeout', 'unavailable', 'failed'].includes(error.kind)) throw toProblem(error)
    }
  }
  const [trial, shown, hook] = [createKeyTrial({ store, clock, environment, tryKey }), createShown({ store, clock, environment }), deps.hook ?? noHook]
  const hooks = createHooks({ database, store, clock, environment, active, hook, trial, shown, failOver, takeUp, tellOthers })
  return { failOver, takeUp, hooks, credentials: createCredentials({ database, store, clock, environment, active, uses, failOver, tryKey, trial, shown, hasHook: hooks.covers, tellOthers }) }
}
