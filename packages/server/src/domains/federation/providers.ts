import type { DeploymentEnvironment } from '@sallyport/contract'
import { IdentityProviderFailure, type IdentityProvider, type IdentityProviderDescriptor } from '../../ports/identity-provider.ts'
import { EgressFailure, type EgressRequest, type EgressResponse } from '../../ports/egress.ts'
import type { Clock } from '../../kernel/clock.ts'
import type { ProviderSettings } from './settings.ts'
import type { ProviderStore } from './store.ts'

export interface ProviderEgress {
  list(holder: string, entry: { readonly origin: URL; readonly allowPrivateAddress: boolean }): void
  unlist(holder: string): void
  fetchFor(holder: string): (request: EgressRequest) => Promise<EgressResponse>
}
export interface ProviderDeps {
  readonly store: Pick<ProviderStore, 'all' | 'byName'>
  readonly clock: Clock
  readonly egress: ProviderEgress
  readonly descriptors: readonly IdentityProviderDescriptor[]
  /** From the configuration: an administrator cannot change these from the page. */
  readonly configured: readonly ProviderSettings[]
  /** What this server is for. */
  readonly environment: DeploymentEnvironment
}
export interface ActiveProvider { readonly settings: ProviderSettings; readonly provider: IdentityProvider }
interface Kept extends ActiveProvider { readonly mark: string; readonly holders: readonly string[] }

/**
 * Providers ready to be asked. The store is looked at each time, so that what another process saved or removed holds here at once; what
 * was learnt of a provider is kept for as long as its row stays as it is.
 */
export function createProviders(deps: ProviderDeps) {
  const { store, configured, environment } = deps
  const kept = new Map<string, Kept>()

  const drop = (name: string) => {
    for (const holder of kept.get(name)?.holders ?? []) deps.egress.unlist(holder)
    kept.delete(name)
  }
  const take = async (settings: ProviderSettings, mark: string): Promise<ActiveProvider> => {
    const known = kept.get(settings.name)
    if (known?.mark === mark) return known
    drop(settings.name)
    const active = activate(settings, deps)
    kept.set(settings.name, { ...active, mark })
    // A configured provider has not told its hosts to anybody yet.
    if (settings.origin === 'configuration' && settings.hosts.length === 0) {
      const { provider } = active
      const { origins } = await provider.describe().catch((error: unknown) => { drop(settings.name); throw error })
      drop(settings.name)
      kept.set(settings.name, { ...activate({ ...settings, hosts: [...origins] }, deps), mark })
    }
    return kept.get(settings.name) ?? active
  }
  /** A copy of a store, such as a restored backup, holds the secrets of where it came from: they are not used elsewhere (SEC-9). */
  const isHeldBack = ({ clientSecret, environment: bound }: ProviderSettings) => clientSecret !== null && bound !== environment
  return {
    environment, isHeldBack,
    /** The settings of all, by name. */
    async all(): Promise<readonly ProviderSettings[]> {
      const stored = (await store.all()).map(({ settings }) => settings).filter(({ name }) => configured.every((other) => other.name !== name))
      return [...configured, ...stored].toSorted((one, other) => (one.name < other.name ? -1 : 1))
    },
    isConfigured: (name: string) => configured.some((provider) => provider.name === name),
    /** Null where there is none of that name that this server may use. */
    async find(name: string): Promise<ActiveProvider | null> {
      const own = configured.find((provider) => provider.name === name)
      if (own !== undefined) return take(own, 'configuration')
      const stored = await store.byName(name)
      if (stored === null || isHeldBack(stored.settings)) { drop(name); return null }
      return take(stored.settings, stored.mark)
    },
    /** Asks a provider that is not saved yet what it is. Gives its settings with the origins that it will be reached at. */
    async examine(settings: ProviderSettings): Promise<ProviderSettings> {
      const { provider, holders } = activate({ ...settings, name: `${settings.name} (new)`, hosts: [] }, deps)
      try {
        const { origins } = await provider.describe()
        return { ...settings, hosts: [...origins] }
      } finally {
        for (const holder of holders) deps.egress.unlist(holder)
      }
    },
    drop,
  }
}
export type Providers = ReturnType<typeof createProviders>

/** Lists the provider's origins for the way out, and makes the provider over those alone: what another holder listed is none of its hosts. */
function activate(settings: ProviderSettings, { descriptors, egress, clock }: ProviderDeps): ActiveProvider & { readonly holders: readonly string[] } {
  const { protocol, clientId, clientSecret, scopes, groupsClaim, unsafelyAllowPlainHttp, allowPrivateAddress } = settings
  const descriptor = descriptors.find(({ id }) => id === protocol.kind)
  if (descriptor === undefined) throw new IdentityProviderFailure('misconfigured', 'There is no such kind of provider.')
  const parsed = descriptor.protocol.parse(protocol)
  const origins = [...new Set([...descriptor.namedOrigins(parsed), ...settings.hosts])]
  const holders = origins.map((origin) => `identity-provider ${settings.name} ${origin}`)
  for (const [index, origin] of origins.entries()) egress.list(holders[index] ?? '', { origin: new URL(origin), allowPrivateAddress })
  const provider = descriptor.create(parsed, { clientId, clientSecret, scopes, groupsClaim, unsafelyAllowPlainHttp }, {
    now: () => clock.now(),
    fetchConfigured: (request) => {
      const holder = holders[origins.indexOf(request.url.origin)]
      return holder === undefined ? Promise.reject(new EgressFailure('refused-address', `${request.url.origin} is none of the hosts of ${settings.name}. Save the provider again if it has moved.`)) : egress.fetchFor(holder)(request)
    },
  })
  return { settings, provider, holders }
}
