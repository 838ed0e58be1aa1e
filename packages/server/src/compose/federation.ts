import { createHash } from 'node:crypto'
import * as z from 'zod'
import { identityProviders } from '../adapters/identity-provider/index.ts'
import type { Config } from '../config/load.ts'
import type { Database } from '../database/database.ts'
import { accountEmailOf, accountNameOf, type Accounts } from '../domains/accounts/index.ts'
import { createAccessStore, createBreakGlass } from '../domains/break-glass/index.ts'
import type { Conversations } from '../domains/conversations/index.ts'
import { createFactorStore, type Factors } from '../domains/factors/index.ts'
import { createFederation, createIdentityStore, createProviders, createProviderStore, createTransactions, type FederationNeighbours, type ProviderSettings } from '../domains/federation/index.ts'
import { createGroups, createGroupStore } from '../domains/groups/index.ts'
import type { SharedRevocations } from '../domains/revocations/index.ts'
import type { UseMeter } from '../domains/secret-uses/index.ts'
import type { KeyRing } from '../domains/secrets/index.ts'
import type { Sessions } from '../domains/sessions/index.ts'
import type { Clock } from '../kernel/clock.ts'
import type { Egress } from '../kernel/egress.ts'
import type { Log } from '../kernel/log.ts'
import { ProblemError } from '../kernel/problem.ts'
import type { Sealer } from '../kernel/seal.ts'

export interface FederationParts {
  readonly config: Config
  readonly database: Database
  readonly keyRing: KeyRing
  readonly serverSealer: Sealer
  readonly clock: Clock
  readonly log: Log
  readonly egress: Egress
  readonly revocations: SharedRevocations
  readonly accounts: Accounts
  readonly sessions: Sessions
  readonly factors: Factors
  readonly conversations: Conversations
  readonly publicUrl: () => string
  readonly meter: UseMeter
}

/** Identity providers, groups, and the way to others' conversations. */
export function composeFederation({ config, database, keyRing, serverSealer, clock, log, egress, revocations, publicUrl, meter, ...neighbours }: FederationParts) {
  const { accounts, sessions, factors, conversations } = neighbours
  const providerStore = createProviderStore(database, serverSealer, meter)
  const providers = createProviders({ store: providerStore, clock, egress, descriptors: identityProviders, configured: configuredIdentityProviders(config, clock), environment: config.environment })
  const groups = createGroups({
    database, keyRing, clock, revocations, store: createGroupStore(database), personOf: async (row) => ({ name: await accountNameOf(keyRing, row), email: await accountEmailOf(keyRing, row) }),
    providerNames: async () => new Map((await providers.all()).map(({ id, name }) => [id, name])),
  })
  const enter: FederationNeighbours['enter'] = async (caller, accountId, { authenticatedAt, also }) => {
    const demanded = await demandedBy(() => factors.demand(accountId, 'sign-in'))
    if (demanded !== null) return demanded
    const { deviceToken, steps } = await accounts.entering(caller, accountId)
    const session = await sessions.begin(caller, { id: accountId }, { authenticatedAt, secondFactorAt: null, also: (sessionId) => [...steps, ...also(sessionId)] })
    return { session: { ...session, deviceToken } }
  }
  return {
    groups,
    /** What an operator should know at the start of client secrets that are for something else than this server. */
    signInNotices: async (): Promise<readonly string[]> => (await providers.all()).filter(providers.isHeldBack).map(({ name, environment }) => `Nobody can sign in with ${name}: its client secret is for ${environment}, and this server is for ${config.environment}. Save it again with the secret for ${config.environment}.`),
    federation: createFederation({
      database, providerStore, providers, keyRing, clock, log, groups, revocations, enter,
      identities: createIdentityStore(database), transactions: createTransactions(serverSealer), lookupKey: serverSealer.derive('federated identity look-up'),
      accounts: accounts.forFederation, endSessionStep: sessions.endStep, endChallenges: (accountId) => [createFactorStore(database).dropChallenges(accountId)], hasPasskey: factors.hasPasskey,
      originOf: (host) => originFor(host, publicUrl()),
    }),
    breakGlass: createBreakGlass({ database, store: createAccessStore(database), keyRing, clock, reader: conversations.reader, findAccount: accounts.get }),
  }
}

/** The address under which a browser that asked for this host knows the server. Behind a proxy that ends TLS, `http.publicUrl` says that it is `https`. */
function originFor(host: string, publicUrl: string): string {
  const { origin, host: publicHost } = new URL(publicUrl)
  return host === '' || host === publicHost ? origin : `http://${host}`
}

const Demanded = z.object({ challenge: z.string(), factors: z.array(z.string()) })

/** The challenge of a second factor and what answers it, where one is asked for. */
async function demandedBy(demand: () => Promise<void>): Promise<z.output<typeof Demanded> | null> {
  try {
    await demand()
    return null
  } catch (error) {
    if (!(error instanceof ProblemError) || error.code !== 'second-factor-needed') throw error
    return Demanded.parse(error.members)
  }
}

/** Those of the configuration. Their ids follow from their names, so that identities find them again after a restart. */
const configuredIdentityProviders = (config: Config, clock: Clock): readonly ProviderSettings[] =>
  Object.entries(config.identityProviders).map(([name, settings]) => ({
    ...settings, environment: settings.environment ?? config.environment, name, id: `idp_${createHash('sha256').update(`configuration ${name}`).digest('hex').slice(0, 32)}`, hosts: [], origin: 'configuration', createdAt: clock.now(),
  }))
