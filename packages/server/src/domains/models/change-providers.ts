import type { DeploymentEnvironment, Provider } from '@sallyport/contract'
import { WriteConflict, type WriteStep } from '../../database/database.ts'
import type { Caller } from '../../kernel/handler.ts'
import { newId } from '../../kernel/ids.ts'
import { ProblemError } from '../../kernel/problem.ts'
import { Secret } from '../../kernel/secret.ts'
import { ProviderFailure, type ModelProvider } from '../../ports/model-provider.ts'
import { auditStep } from '../audit/index.ts'
import { activate, beingTried, toProvider, type ActiveProvider, type ModelDeps, type ProviderSettings } from './active.ts'
import { requireKeyForm } from './credential-form.ts'
import { heldBackProblem, requireEnvironment } from './environments.ts'
import type { FailOver } from './fail-over.ts'
import { savedKey } from './saved-key.ts'

export interface ProviderChange {
  readonly adapter: string
  readonly baseUrl?: string | undefined
  readonly credential?: string | undefined
  readonly environment?: DeploymentEnvironment | undefined
  readonly allowPrivateAddress?: boolean | undefined
  readonly models?: readonly string[] | undefined
}
interface ChangeDeps extends ModelDeps {
  readonly active: Map<string, ActiveProvider>
  readonly discover: (provider: ModelProvider) => Promise<readonly string[]>
  /** Takes up what other processes over the store have changed. */
  readonly takeUp: () => Promise<void>
  /** The row that tells them of a change. */
  readonly tellOthers: () => WriteStep
  readonly failOver: FailOver
}

/** What administrators change of the providers that are stored. */
export function createProviderChanges(deps: ChangeDeps) {
  const { database, store, clock, environment, configured, descriptors, egress, active, discover, takeUp, tellOthers, failOver } = deps
  const refuseConfigured = (name: string) => {
    if (configured.some((provider) => provider.name === name)) {
      throw new ProblemError('conflict', { detail: 'This provider comes from the configuration of the server. Change it there, or choose another name.' })
    }
  }
  return {
    /** Adds or changes a provider, after it said what it offers. */
    async save(caller: Caller, name: string, change: ProviderChange): Promise<Provider> {
      refuseConfigured(name)
      // Another process over the store may have saved it a moment ago.
      await takeUp()
      const before = active.get(name)
      const defaultBaseUrl = descriptors.find(({ id }) => id === change.adapter)?.defaultBaseUrl ?? null
      const settings = changed(before ?? { id: newId('provider', clock.now()), createdAt: clock.now() }, { name, defaultBaseUrl }, change)
      requireEnvironment(change.environment, environment)
      if (change.credential !== undefined) requireKeyForm(change.credential)
      // Kept as it is, it would go out with the next call, to ask for models.
      else if (before !== undefined && before.heldBack !== null && settings.credential !== null) throw heldBackProblem(name, before.heldBack, environment)
      const restore = () => { if (before === undefined) egress.unlist(name); else failOver.install(before, before.credentialId ?? null) }
      try {
        const next = activate(settings, deps, beingTried)
        const models = change.models ?? await discover(next.provider)
        const saved = { ...settings, baseUrl: next.baseUrl ?? '', models }
        const key = await savedKey(store.credentials, { before, settings: saved, at: clock.now(), environment })
        await database.write([
          ...store.put(saved), ...key.steps, tellOthers(),
          auditStep(caller, { at: clock.now(), action: 'provider-saved', detail: { name, adapter: settings.adapter, models: models.length, allowPrivateAddress: settings.allowPrivateAddress } }),
        ])
        return toProvider(failOver.install({ ...next, models, ...(key.credentialId !== null && { credentialEnvironment: environment }) }, key.credentialId), [])
      } catch (error) {
        restore()
        if (error instanceof WriteConflict) throw new ProblemError('conflict', { detail: 'It was changed in the meantime. Look again, then try again.' })
        throw error instanceof ProviderFailure ? toProblem(error) : error
      }
    },
    async remove(caller: Caller, name: string): Promise<void> {
      refuseConfigured(name)
      try {
        await database.write([store.remove(name), tellOthers(), auditStep(caller, { at: clock.now(), action: 'provider-deleted', detail: { name } })])
      } catch (error) {
        throw error instanceof WriteConflict ? new ProblemError('not-found') : error
      }
      active.delete(name)
      egress.unlist(name)
    },
  }
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

/** What an administrator is told of a provider that failed while it was being changed. */
export function toProblem(failure: ProviderFailure): ProblemError {
  const detail = failure.kind === 'rejected-credential' ? 'The provider refused this key. Check it and save again. Nothing was changed.'
    : 'The provider did not list its models. Check its address (and whether it may be at a private one), or name the models yourself. Nothing was changed.'
  return new ProblemError(failure.kind === 'timeout' || failure.kind === 'unavailable' ? 'provider-unavailable' : 'provider-error', { detail, cause: failure })
}
