import type { DeploymentEnvironment, Model } from '@sallyport/contract'
import { ProblemError } from '../../kernel/problem.ts'
import type { Restriction } from '../../kernel/restriction.ts'
import { mayUseModel } from '../../policy/restrictions.ts'
import type { ModelCapabilities, ModelProvider } from '../../ports/model-provider.ts'
import type { ActiveProvider } from './active.ts'
import { heldBackProblem } from './environments.ts'
import type { Fallbacks } from './fallbacks.ts'

/** A model that can answer now, with all that a turn needs to call it. */
export interface ResolvedModel {
  /** As the wire names it: `PROVIDER/MODEL`. */
  readonly id: string
  readonly vendorModel: string
  /** Who stands behind the provider's name now: its wire and its address. */
  readonly behind: string
  readonly provider: ModelProvider
  /** Whose budgets what it uses is taken from. */
  readonly payer: { readonly provider: string; readonly credentialId: string | null }
  readonly capabilities: ModelCapabilities
  /** Who answers in its place while it does not, in this order. */
  readonly fallbacks: readonly ResolvedModel[]
}

/** The providers that can be called now, and the models that they offer. What a key may not use is not there for it: every look takes its restriction. */
export function createRegistry(environment: DeploymentEnvironment, fallbacks: Fallbacks = {}) {
  const active = new Map<string, ActiveProvider>()
  const ordered = () => [...active.values()].toSorted((one, other) => rank(one) - rank(other) || one.name.localeCompare(other.name))
  const usable = () => ordered().filter(({ heldBack }) => heldBack === null)
  const all = (): readonly Model[] => usable().flatMap((provider) => provider.models.map((model) => ({
    id: `${provider.name}/${model}`, name: provider.descriptor.capabilities.grounding ? provider.descriptor.title : model, provider: provider.descriptor.title,
    capabilities: { tools: provider.descriptor.capabilities.tools, grounding: provider.descriptor.capabilities.grounding },
  })))
  const find = (id: string): ResolvedModel | null => {
    const slash = id.indexOf('/')
    const named = slash < 0 ? undefined : usable().find(({ name }) => name === id.slice(0, slash))
    const vendorModel = id.slice(slash + 1)
    // A provider that did not say what it offers is asked; it will say so itself when there is no such model.
    if (named !== undefined && (named.models.length === 0 || named.models.includes(vendorModel))) return resolved(named, vendorModel)
    for (const provider of usable()) if (provider.models.includes(id)) return resolved(provider, id)
    return null
  }
  const refuseHeldBack = (id: string): void => {
    const named = active.get(id.slice(0, Math.max(0, id.indexOf('/'))))
    if (named !== undefined && named.heldBack !== null) throw heldBackProblem(named.name, named.heldBack, environment)
  }
  const list = (restriction: Restriction | null): readonly Model[] => all().filter(({ id }) => mayUseModel(restriction, id))
  const defaultModel = (restriction: Restriction | null) => {
    const first = list(restriction)[0]
    if (first === undefined) throw new ProblemError('model-not-found', { detail: restriction === null ? 'No provider offers a model.' : 'No provider offers a model that this API key may use.' })
    return first.id
  }
  return {
    active, ordered, list, defaultModel,
    /** The model of an id, of a vendor's bare name, or the default for null. Throws `model-not-found`, and `conflict` where its provider is held back. */
    resolve(id: string | null, restriction: Restriction | null): ResolvedModel {
      const model = find(id ?? defaultModel(restriction))
      if (model === null && id !== null && mayUseModel(restriction, id)) refuseHeldBack(id)
      if (model === null || !mayUseModel(restriction, model.id)) throw new ProblemError('model-not-found', { detail: 'Choose one of the listed models.' })
      const line = fallbacks[model.id] ?? fallbacks[`${model.id.slice(0, model.id.indexOf('/'))}/*`] ?? []
      return { ...model, fallbacks: line.map(find).filter((one) => one !== null).filter((one) => one.id !== model.id && mayUseModel(restriction, one.id)) }
    },
  }
}

/** What answers in this house comes first, and is the default: adding a provider must not send anything elsewhere that was not sent before. */
const rank = ({ descriptor }: ActiveProvider) => (descriptor.capabilities.grounding ? 0 : 1)

const resolved = ({ name, provider, descriptor, baseUrl, credentialId }: ActiveProvider, vendorModel: string): ResolvedModel =>
  ({ id: `${name}/${vendorModel}`, vendorModel, behind: `${descriptor.id} ${baseUrl ?? ''}`, payer: { provider: name, credentialId: credentialId ?? null }, provider, capabilities: descriptor.capabilities, fallbacks: [] })
