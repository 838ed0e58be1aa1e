import { join } from 'node:path'
import * as z from 'zod'
import { messageIndexes } from '../adapters/message-index/index.ts'
import { modelProviders } from '../adapters/model-provider/index.ts'
import { passageIndexes } from '../adapters/passage-index/index.ts'
import type { Config } from '../config/load.ts'
import type { Database } from '../database/database.ts'
import { createAccounts, createAccountStore, createServiceAccounts } from '../domains/accounts/index.ts'
import { createAlerts, createAudit, createAuditStore, createEvents, createEventStore } from '../domains/audit/index.ts'
import { createConversations, createMessageIndexer } from '../domains/conversations/index.ts'
import { createBudgets } from '../domains/budgets/index.ts'
import { createFactors, createFactorStore } from '../domains/factors/index.ts'
import { createKeys } from '../domains/keys/index.ts'
import { createKnowledge } from '../domains/knowledge/index.ts'
import { createModels, createProviderStore, type ProviderSettings } from '../domains/models/index.ts'
import type { Patterns } from '../domains/patterns/index.ts'
import type { Penalties } from '../domains/penalties/index.ts'
import type { SharedRevocations } from '../domains/revocations/index.ts'
import { createErasure, createExports } from '../domains/privacy/index.ts'
import { createDataKeyRotation, createKeyRing, SERVER_KEYS } from '../domains/secrets/index.ts'
import { createUsageStore } from '../domains/usage/index.ts'
import type { Clock } from '../kernel/clock.ts'
import { createEgress, type Egress } from '../kernel/egress.ts'
import { newId } from '../kernel/ids.ts'
import { describeError, type Log } from '../kernel/log.ts'
import type { Sealer } from '../kernel/seal.ts'
import { defaultEgressRules } from '../policy/egress.ts'
import { keepable } from '../turn/as-kept.ts'
import { composeBackups } from './backups.ts'
import { composeBelongings } from './belongings.ts'
import { composeEndings, composeSignIns, composeTokens } from './credentials.ts'
import { composeFederation } from './federation.ts'
import { composeMailer } from './mailer.ts'
import { composeModerators } from './moderators.ts'
import { composeRetention } from './retention.ts'
import type { Rates } from './rates.ts'
import type { OpenStore } from './store.ts'

/** The built-in assistant stands among the providers, so that a newcomer has one that answers. */
const BUILT_IN = 'sallyport'

export interface DomainDeps { readonly config: Config; readonly rates: Rates; readonly revocations: SharedRevocations; readonly penalties: Penalties; readonly patterns: Patterns; readonly store: Omit<OpenStore, 'directory'>; readonly clock: Clock; readonly log: Log; /** Where the server listens, which is known once it does. */ readonly listeningUrl: () => string }

/** Every domain with what it uses. */
export async function composeDomains({ config, store, clock, log, listeningUrl, rates, revocations, penalties, patterns }: DomainDeps) {
  const { database, vault } = store
  const keyRing = createKeyRing(database, vault, clock)
  const serverSealer = await keyRing.ensure(SERVER_KEYS)
  const egress = createEgress({ clock, rules: { ...defaultEgressRules, ...timeLimits(config) } })
  const publicUrl = () => config.http.publicUrl ?? listeningUrl()
  const models = composeModels({ config, database, clock, log, egress, serverSealer, revocations })
  keyRing.listenTo(revocations, (error) => { log.error(describeError(error), 'data-keys-not-read') })
  const keys = createKeys({ database, clock, revocations, serviceAccounts: createServiceAccounts({ store: createAccountStore(database), keyRing, clock }) })
  const knowledge = createKnowledge({ database, keyRing, clock, keepable, index: passageIndexes[database.dialect].create(database.read) })
  const index = messageIndexes[database.dialect].create(database.read)
  const conversations = createConversations({ database, keyRing, clock, models, index })
  const budgets = createBudgets({ database, clock })
  const signIns = composeSignIns({ config, database, keyRing, clock, revocations })
  const { sessions } = signIns
  const factorStore = createFactorStore(database)
  // A sign-in that waits for its second factor ends with the password that began it.
  const endSignIns: typeof signIns.endSignIns = (accountId, keepId) => [...signIns.endSignIns(accountId, keepId), factorStore.dropChallenges(accountId)]
  const belongings = composeBelongings({ endSignIns, budgets, knowledge, penalties, revocations })
  const accounts = createAccounts({
    database, store: createAccountStore(database), keyRing, clock, log, serverSealer, lookupKey: serverSealer.derive('account e-mail look-up'),
    mailer: composeMailer(config, clock), publicUrl, patterns, signUp: { domains: config.identity.signUpDomains, role: config.identity.signUpRole }, belongings,
  })
  const factors = createFactors({
    database, store: factorStore, keyRing, clock, requiredFor: new Set(config.identity.secondFactorRequiredFor), account: accounts.get, belongings, notify: accounts.tellFactorsChanged,
  })
  const backups = composeBackups({ config, store, clock, log, serverSealer })
  const events = createEventStore(database)
  const exports = createExports({ database, keyRing, clock, log, directory: join(config.dataDirectory, 'exports') })
  return {
    keyRing, egress, exports, expire: composeRetention(config, database, clock), models, moderators: composeModerators(config, egress), revocations,
    ...composeFederation({ config, database, keyRing, serverSealer, clock, log, egress, revocations, accounts, sessions, factors, conversations, publicUrl }),
    ...await composeTokens({ config, database, clock, serverSealer, revocations, signIns, accounts, factors, keys, rates }),
    endings: composeEndings(signIns, keys),
    accounts, factors, signIns, sessions, conversations, messageIndexer: createMessageIndexer({ database, index, keyRing, clock, log }), keys, knowledge,
    audit: createAudit(createAuditStore(database)), events: createEvents(events), alerts: createAlerts({ database, store: events, clock, log, mail: accounts.mailAlert }),
    erasure: createErasure({
      database, clock, log, storeId: store.record.storeId, backups, remove: accounts.remove, emailOf: async (id) => (await accounts.get(id)).email, removeFiles: exports.tidy,
      keys: { signing: serverSealer.derive('erasure certificates'), pseudonym: serverSealer.derive('erased accounts') },
    }),
    backups, dataKeys: createDataKeyRotation({ database, keyRing, clock, log, revocations, hasBackupFrom: backups.hasFrom, rotationDays: config.secrets.dataKeyDays }),
    usage: createUsageStore(database), budgets, penalties,
  }
}
export type Domains = Awaited<ReturnType<typeof composeDomains>>

function configuredProviders(config: Config, clock: Clock): readonly ProviderSettings[] {
  const shared = { createdAt: clock.now() }
  const builtIn: ProviderSettings = { ...shared, id: newId('provider', clock.now()), name: BUILT_IN, adapter: 'library', baseUrl: null, credential: null, allowPrivateAddress: false, models: ['library'], origin: 'built-in' }
  return [builtIn, ...Object.entries(config.providers).map(([name, provider]): ProviderSettings => ({
    ...shared, id: newId('provider', clock.now()), name, adapter: provider.adapter, baseUrl: provider.baseUrl ?? null, credential: provider.credential,
    allowPrivateAddress: provider.allowPrivateAddress, models: provider.models ?? [], origin: 'configuration',
  }))]
}

interface ModelParts { readonly config: Config; readonly database: Database; readonly clock: Clock; readonly log: Log; readonly egress: Egress; readonly serverSealer: Sealer; readonly revocations: SharedRevocations }

/** How long a provider may take (PRV-3). */
const timeLimits = ({ resilience: { connectSeconds, firstByteSeconds, wholeAnswerSeconds, idleSeconds, totalSeconds } }: Config) => ({ connectSeconds, firstByteSeconds, wholeAnswerSeconds, idleSeconds, totalSeconds })

function composeModels({ config, database, clock, log, egress, serverSealer, revocations }: ModelParts) {
  const parseModels = (text: string) => z.array(z.string()).parse(JSON.parse(text))
  return createModels({
    database, clock, log, egress, revocations, descriptors: modelProviders,
    store: createProviderStore(database, serverSealer, parseModels),
    configured: configuredProviders(config, clock),
    providerDeps: { fetchConfigured: (request) => egress.fetchConfigured(request) },
    resilience: config.resilience, fallbacks: config.resilience.fallbacks,
    adapterSettings: { library: { wordMilliseconds: config.library.wordMilliseconds } },
  })
}
