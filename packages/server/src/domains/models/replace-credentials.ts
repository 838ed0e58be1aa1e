import { WriteConflict, type WriteStep } from '../../database/database.ts'
import type { Caller } from '../../kernel/handler.ts'
import { ProblemError } from '../../kernel/problem.ts'
import { auditStep } from '../audit/index.ts'
import type { ActiveProvider, ModelDeps } from './active.ts'
import type { StoredCredential } from './credential-store.ts'
import { nextOf, promotionSteps, type FailOver } from './fail-over.ts'

interface ReplacementDeps extends Pick<ModelDeps, 'database' | 'store' | 'clock' | 'environment' | 'egress'> {
  readonly active: Map<string, ActiveProvider>
  readonly failOver: FailOver
  readonly tellOthers: () => WriteStep
}
/** `moved`: providers that go on with the key that stood by. `left`: those that go on with the key that they had. */
export interface Replaced { readonly moved: string[]; readonly removed: string[]; readonly left: string[] }
interface Plan { readonly provider: ActiveProvider; readonly steps: readonly WriteStep[]; readonly to: StoredCredential | null }

/**
 * Replaces the keys of all stored providers in one batch: the one that stands by takes over and every former one is destroyed, or the providers go
 * with all their keys. What the configuration brings is left. Throws `conflict` where another changes them at the same moment; then nothing was changed.
 */
export function createReplacement({ database, store, clock, environment, egress, active, failOver, tellOthers }: ReplacementDeps) {
  const plan = async (caller: Caller, provider: ActiveProvider, at: number): Promise<Plan> => {
    const rows = await store.credentials.of(provider.id)
    const from = rows.find(({ state }) => state === 'active')
    const to = nextOf(rows, at, environment) ?? null
    const revoked = { state: 'revoked', revoked_at: at } as const
    const former = rows.filter(({ state }) => state === 'retiring')
    const moves = from !== undefined && to?.credential != null
    const notes = [...former, ...(moves ? [from] : [])].map(({ version }) => auditStep(caller, { at, action: 'provider-credential-revoked', detail: { provider: provider.name, version } }))
    const gone = former.map((row) => store.credentials.change(row, revoked, null))
    if (!moves) return { provider, to: null, steps: [...gone, ...notes] }
    return {
      provider, to, steps: [
        ...promotionSteps(store, { provider, from, to, secret: to.credential, at }), store.credentials.change({ id: from.id, state: 'retiring' }, revoked, null), ...gone, ...notes,
        auditStep(caller, { at, action: 'provider-credential-activated', detail: { provider: provider.name, version: to.version } }),
      ],
    }
  }
  const write = async (steps: readonly WriteStep[]): Promise<void> => {
    if (steps.length === 0) return
    await database.write([...steps, tellOthers()]).catch((error: unknown) => {
      throw error instanceof WriteConflict ? new ProblemError('conflict', { detail: 'A provider was changed in the meantime. Run it again.' }) : error
    })
  }
  return async (caller: Caller, how: 'standby' | 'remove' | 'keep'): Promise<Replaced> => {
    const withKeys = [...active.values()].filter(({ credential }) => credential !== null)
    const stored = withKeys.filter(({ origin }) => origin === 'stored')
    const names = (providers: readonly ActiveProvider[]) => providers.map(({ name }) => name).toSorted()
    const at = clock.now()
    if (how === 'keep') return { moved: [], removed: [], left: names(withKeys) }
    if (how === 'remove') {
      await write(stored.flatMap(({ name }) => [store.remove(name), auditStep(caller, { at, action: 'provider-deleted', detail: { name } })]))
      for (const { name } of stored) { active.delete(name); egress.unlist(name) }
      return { moved: [], removed: names(stored), left: names(withKeys.filter((each) => !stored.includes(each))) }
    }
    const plans = await Promise.all(stored.map((provider) => plan(caller, provider, at)))
    await write(plans.flatMap(({ steps }) => steps))
    const moved = plans.filter(({ to }) => to !== null)
    for (const { provider, to } of moved) if (to !== null) failOver.install({ ...provider, credential: to.credential, credentialEnvironment: to.environment }, to.id)
    const movedProviders = new Set(moved.map(({ provider }) => provider))
    return { moved: names([...movedProviders]), removed: [], left: names(withKeys.filter((each) => !movedProviders.has(each))) }
  }
}
