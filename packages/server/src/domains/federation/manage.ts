import { isDeepStrictEqual } from 'node:util'
import type { IdentityProvider as ShownProvider, IdentityProviderRequest } from '@sallyport/contract'
import { WriteConflict } from '../../database/database.ts'
import type { Caller } from '../../kernel/handler.ts'
import { newId } from '../../kernel/ids.ts'
import { describeError } from '../../kernel/log.ts'
import { ProblemError } from '../../kernel/problem.ts'
import { Secret } from '../../kernel/secret.ts'
import { federationCounts, ownersLinkPolicies } from '../../policy/federation.ts'
import { managedRoles } from '../../policy/roles.ts'
import { IdentityProviderFailure } from '../../ports/identity-provider.ts'
import { auditStep } from '../audit/index.ts'
import type { FederationContext } from './context.ts'
import { toShown, type ProviderSettings } from './settings.ts'

/** Identity providers as administrators keep them. */
export function createProviderManager(context: FederationContext) {
  const { database, providers, providerStore, identities, groups, revocations, clock, log } = context
  const refuseConfigured = (name: string) => {
    if (providers.isConfigured(name)) throw new ProblemError('conflict', { detail: 'This provider comes from the configuration of the server. Change it there, or choose another name.' })
  }
  /** Whoever may change where an identity comes from, or whom it opens, must be above everybody whom that can make of somebody. */
  const requireMayDecide = async (caller: Caller, settings: ProviderSettings | null) => {
    if (settings === null) return
    const mapped = await groups.known(settings.groupMappings.map(({ groupId }) => groupId))
    const isAbove = caller.role !== null && mapped.every(({ role }) => role === null || managedRoles[caller.role ?? 'guest'].has(role))
    if (!isAbove || (caller.role !== 'owner' && ownersLinkPolicies.has(settings.linkByVerifiedEmail))) {
      throw new ProblemError('not-allowed', { detail: 'Only an owner may decide about a provider that makes administrators, or that opens accounts which have a password.' })
    }
  }
  const examine = async (settings: ProviderSettings) => {
    try {
      return await providers.examine(settings)
    } catch (error) {
      if (!(error instanceof IdentityProviderFailure)) throw error
      log.warn({ provider: settings.name, kind: error.kind, ...describeError(error) }, 'identity-provider-not-saved')
      throw new ProblemError('identity-provider-error', { detail: `${error.kind === 'misconfigured' ? error.message : 'The provider did not answer as it should. Check its address, and whether it may be at a private one.'} Nothing was changed.`, cause: error })
    }
  }
  const announce = (accountIds: readonly string[]) => { for (const accountId of accountIds) revocations.announce({ kind: 'account', accountId, exceptSessionId: null }) }
  const steps = (accountIds: readonly string[]) => accountIds.map((accountId) => revocations.step({ kind: 'account', accountId, exceptSessionId: null }))

  return {
    async listProviders(): Promise<{ items: ShownProvider[] }> {
      return { items: (await providers.all()).map(toShown) }
    },
    /** Saves a provider after it said what it is. Throws `conflict`, `not-allowed` and `identity-provider-error`. */
    async save(caller: Caller, name: string, request: IdentityProviderRequest): Promise<ShownProvider> {
      refuseConfigured(name)
      const before = (await providerStore.byName(name))?.settings ?? null
      if (before === null && (await providers.all()).length >= federationCounts.providers) throw new ProblemError('conflict', { detail: `There are ${federationCounts.providers} providers already. Remove one first.` })
      const wanted = changed(before ?? { id: newId('identityProvider', clock.now()), createdAt: clock.now() }, name, { ...request, environment: providers.environment })
      const mappedIds = [...new Set(wanted.groupMappings.map(({ groupId }) => groupId))]
      if ((await groups.known(mappedIds)).length !== mappedIds.length) throw new ProblemError('conflict', { detail: 'One of the groups is gone. Look at the groups again.' })
      await requireMayDecide(caller, before)
      await requireMayDecide(caller, wanted)
      const settings = await examine(wanted)
      const left = await groups.keepOnly(settings.id, mappedIds)
      await database.write([
        auditStep(caller, { at: clock.now(), action: 'identity-provider-saved', detail: {
          name, kind: settings.protocol.kind, hosts: settings.hosts, allowPrivateAddress: settings.allowPrivateAddress, unsafelyAllowPlainHttp: settings.unsafelyAllowPlainHttp,
          linkByVerifiedEmail: settings.linkByVerifiedEmail, newAccounts: settings.newAccounts.when, groupMappings: settings.groupMappings.length,
        } }),
        ...providerStore.put(settings), ...left.steps, ...steps(left.accountIds),
      ])
      announce(left.accountIds)
      return toShown(settings)
    },
    /** Removes a provider. Its identities, the sessions that began with them and the memberships that it gave end with it. Throws `not-found`. */
    async remove(caller: Caller, name: string): Promise<void> {
      refuseConfigured(name)
      const settings = (await providerStore.byName(name))?.settings
      if (settings === undefined) throw new ProblemError('not-found')
      await requireMayDecide(caller, settings)
      const left = await groups.forget(settings.id)
      const sessions = await identities.sessionsOfProvider(settings.id)
      try {
        await database.write([
          auditStep(caller, { at: clock.now(), action: 'identity-provider-deleted', detail: { name, sessions: sessions.length } }),
          providerStore.remove(name), ...left.steps, ...steps(left.accountIds),
          ...sessions.flatMap((sessionId) => [context.endSessionStep(sessionId), revocations.step({ kind: 'session', sessionId })]), identities.removeOf(settings.id),
        ])
      } catch (error) {
        throw error instanceof WriteConflict ? new ProblemError('not-found') : error
      }
      providers.drop(name)
      announce(left.accountIds)
      for (const sessionId of sessions) revocations.announce({ kind: 'session', sessionId })
    },
  }
}

/** A provider's settings after a change. A secret that is left out stays for the same protocol and client alone: it must not go to another host. */
function changed(before: Pick<ProviderSettings, 'id' | 'createdAt'> & Partial<ProviderSettings>, name: string, { clientSecret, ...request }: IdentityProviderRequest & Pick<ProviderSettings, 'environment'>): ProviderSettings {
  const keepsSecret = before.clientId === request.clientId && isDeepStrictEqual(before.protocol, request.protocol)
  if (clientSecret === undefined && keepsSecret && before.clientSecret != null && before.environment !== request.environment) {
    throw new ProblemError('conflict', { detail: `Its client secret is for ${before.environment ?? 'production'}, and this server is for ${request.environment}. Give the one for ${request.environment}.` })
  }
  return {
    ...request, id: before.id, name, hosts: [], origin: 'stored', createdAt: before.createdAt,
    clientSecret: clientSecret === undefined ? (keepsSecret ? before.clientSecret ?? null : null) : new Secret(clientSecret),
  }
}
