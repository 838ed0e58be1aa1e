import { join } from 'node:path'
import * as z from 'zod'
import { messageIndexes } from '../adapters/message-index/index.ts'
import { modelProviders } from '../adapters/model-provider/index.ts'
import { passageIndexes } from '../adapters/passage-index/index.ts'
import { rotationHooks } from '../adapters/rotation-hook/index.ts'
import type { Config } from '../config/load.ts'
import type { Database } from '../database/database.ts'
import { createAnswerCache } from '../domains/answer-cache/index.ts'
import { createAccounts, createAccountStore, createServiceAccounts, endInvitationsStep, endLinkSteps } from '../domains/accounts/index.ts'
import { AUDIT_CUTS, createAlerts, createAudit, createAuditStore, createCutMarks, createEvents, createEventStore, type DayNames } from '../domains/audit/index.ts'
import { createAccessStore } from '../domains/break-glass/index.ts'
import { createConversations, createMessageIndexer, createStoredBytes } from '../domains/conversations/index.ts'
import { createBudgets, createBudgetStore, createIsSubject, type Budgets } from '../domains/budgets/index.ts'
import { createFactors, createFactorStore } from '../domains/factors/index.ts'
import { createKeys } from '../domains/keys/index.ts'
import { createKnowledge } from '../domains/knowledge/index.ts'
import { createModels, createProviderStore, type ProviderSettings } from '../domains/models/index.ts'
import type { Patterns } from '../domains/patterns/index.ts'
import type { Penalties } from '../domains/penalties/index.ts'
import type { SharedRevocations } from '../domains/revocations/index.ts'
import { createErasure, createExports, ERASED_ACCOUNTS, createFormerManagement, createFormerReach } from '../domains/privacy/index.ts'
import { createSecretUses, createSecretUseStore, type UseMeter } from '../domains/secret-uses/index.ts'
import { createDataKeyRotation } from '../domains/secrets/index.ts'
import { createUsageStore } from '../domains/usage/index.ts'
import type { Clock } from '../kernel/clock.ts'
import { createEgress, type Egress } from '../kernel/egress.ts'
import { newId } from '../kernel/ids.ts'
import { describeError, type Log } from '../kernel/log.ts'
import type { Sealer } from '../kernel/seal.ts'
import { defaultEgressRules } from '../policy/egress.ts'
import { rotationHooks as hookRules } from '../policy/provider-credentials.ts'
import { keepable } from '../turn/as-kept.ts'
import { composeBackups, narrowBackups } from './backups.ts'
import { composeBelongings } from './belongings.ts'
import { composeEndings, composeSignIns, composeTokens } from './credentials.ts'
import { composeFederation } from './federation.ts'
import { composeHumanChecks } from './human-checks.ts'
import { composeMailer } from './mailer.ts'
import { composeModerators } from './moderators.ts'
import { composeRetention } from './retention.ts'
import type { Rates } from './rates.ts'
import type { ComposedKeyRing } from './key-ring.ts'
import { composeFormerStores } from './former-stores.ts'
import type { OpenStore } from './store.ts'
import { createSubjectNames } from './subject-names.ts'

/** The built-in assistant stands among the providers, so that a newcomer has one that answers. */
const BUILT_IN = 'sallyport'

export interface DomainDeps { readonly config: Config; readonly rates: Rates; readonly revocations: SharedRevocations; readonly penalties: Penalties; readonly patterns: Patterns; readonly meter: UseMeter; readonly ring: ComposedKeyRing; readonly names: DayNames; readonly store: Omit<OpenStore, 'directory'>; readonly clock: Clock; readonly log: Log; /** Where the server listens, which is known once it does. */ readonly listeningUrl: () => string }

/** Every domain with what it uses. */
export async function composeDomains({ config, store, clock, log, names, listeningUrl, rates, revocations, penalties, patterns, meter, ring }: DomainDeps) {
  const { database, vault } = store
  const { keyRing, brokenValues, serverSealer } = ring
  await names.load(serverSealer)
  const egress = createEgress({ clock, rules: { ...defaultEgressRules, ...timeLimits(config) } })
  const publicUrl = () => config.http.publicUrl ?? listeningUrl()
  const namesOf = createSubjectNames(database, keyRing)
  const budgets = createBudgets({ database, clock, namesOf, isSubject: createIsSubject(createBudgetStore(database), (name) => models.has(name)) })
  const models = composeModels({ config, database, clock, log, egress, serverSealer, revocations, meter, costOf: budgets.costOf })
  keyRing.listenTo(revocations, (error) => { log.error(describeError(error), 'data-keys-not-read') })
  const keys = createKeys({ database, keyRing, clock, revocations, serviceAccounts: createServiceAccounts({ store: createAccountStore(database), keyRing, clock }) })
  const passages = passageIndexes[database.dialect].create(database.read)
  const knowledge = createKnowledge({ database, keyRing, clock, keepable, index: passages, caps: documentCapsOf(config) })
  const index = messageIndexes[database.dialect].create(database.read)
  const conversations = createConversations({ database, keyRing, clock, models, index, ephemeralMinutes: config.retention.ephemeralMinutes, caps: { perAccount: config.limits.conversations, ephemeralByKey: config.limits.ephemeralByKey, ephemeralInAll: config.limits.ephemeralInAll } })
  const signIns = composeSignIns({ config, database, keyRing, clock, revocations })
  const { sessions } = signIns
  const factorStore = createFactorStore(database)
  // What waits ends with what is open: sign-ins without their second factor yet, and links that could still change the account.
  const endWaiting = (accountId: string | null) => [factorStore.dropChallenges(accountId), ...endLinkSteps(database, accountId)]
  const endSignIns: typeof signIns.endSignIns = (accountId, keepId) => [...signIns.endSignIns(accountId, keepId), ...endWaiting(accountId)]
  const endAllSignIns = () => [...signIns.endAllSignIns(), ...endWaiting(null)]
  const belongings = composeBelongings({ endSignIns, budgets, knowledge, penalties, revocations })
  const accounts = createAccounts({
    database, store: createAccountStore(database), keyRing, clock, log, serverSealer, lookupKey: serverSealer.derive('account e-mail look-up'),
    mailer: composeMailer(config, clock), publicUrl, patterns, signUp: { domains: config.identity.signUpDomains, role: config.identity.signUpRole }, belongings,
  })
  const factors = createFactors({
    database, store: factorStore, keyRing, clock, requiredFor: new Set(config.identity.secondFactorRequiredFor), account: accounts.get, belongings, notify: accounts.tellFactorsChanged,
  })
  await narrowBackups(config, log)
  const backups = composeBackups({ config, store, clock, log, serverSealer })
  const events = createEventStore(database)
  const exports = createExports({ database, keyRing, link: accounts.linkInvitations, clock, log, directory: join(config.dataDirectory, 'exports') })
  const formerStores = composeFormerStores(config, vault)
  const usage = createUsageStore(database)
  return {
    keyRing, brokenValues, egress, exports, expire: composeRetention(config, { database, clock, passages, messages: index, serverSealer, formerStores }), models, moderators: composeModerators(config, egress), revocations,
    ...composeFederation({ config, database, keyRing, serverSealer, clock, log, egress, revocations, accounts, sessions, factors, conversations, publicUrl, meter }),
    ...await composeTokens({ config, database, clock, serverSealer, revocations, signIns, accounts, factors, keys, rates, penalties }),
    endSignIns, endings: composeEndings({ endSignIns, endAllSignIns, endInvitations: (accountId) => endInvitationsStep(database, accountId, clock.now()), endOpenings: (readerId) => createAccessStore(database).closeAll(readerId, clock.now()), keys }),
    humanChecks: composeHumanChecks({ config, clock, egress, serverSealer, penalties, rates }),
    accounts, factors, signIns, sessions, conversations, messageIndexer: createMessageIndexer({ database, index, keyRing, clock, log }), keys, knowledge,
    audit: createAudit(createAuditStore(database), { ...names, ...createCutMarks(serverSealer.versionsFor(AUDIT_CUTS)) }), events: createEvents(events, names), names, alerts: createAlerts({ database, store: events, clock, log, mail: accounts.mailAlert }),
    formerStores: createFormerManagement({ stores: formerStores, database, clock, days: config.retention.formerStoreDays }),
    erasure: createErasure({
      database, clock, log, storeId: store.record.storeId, backups, remove: accounts.remove, emailOf: async (id) => (await accounts.get(id)).email, link: accounts.linkInvitations, removeFiles: exports.tidy, formerStores: createFormerReach(formerStores),
      keys: { signing: serverSealer.versionsFor('erasure certificates'), pseudonym: serverSealer.derive(ERASED_ACCOUNTS) },
    }),
    backups, dataKeys: createDataKeyRotation({ database, keyRing, clock, log, revocations, hasBackupFrom: backups.hasFrom, rotationDays: config.secrets.dataKeyDays }),
    usage, budgets, penalties, namesOf, secretUses: createSecretUses({ database, clock, meter, store: createSecretUseStore(database) }), storedBytes: createStoredBytes(database), answerCache: createAnswerCache({ database, clock, keyRing, serverSealer, reach: config.cache.answers, hours: config.cache.hours, megabytes: config.cache.megabytes, savedSince: usage.savedSince }),
  }
}
export type Domains = Awaited<ReturnType<typeof composeDomains>>

const MEGABYTE = 1_000_000
const documentCapsOf = ({ limits }: Config) => ({
  mine: { documents: limits.documents, bytes: limits.documentMegabytes * MEGABYTE }, shared: { documents: limits.sharedDocuments, bytes: limits.sharedDocumentMegabytes * MEGABYTE }, atOnce: limits.concurrentDocuments,
})

function configuredProviders(config: Config, clock: Clock): readonly ProviderSettings[] {
  const shared = { createdAt: clock.now() }
  const builtIn: ProviderSettings = { ...shared, id: newId('provider', clock.now()), name: BUILT_IN, adapter: 'library', baseUrl: null, credential: null, allowPrivateAddress: false, models: ['library'], origin: 'built-in' }
  return [builtIn, ...Object.entries(config.providers).map(([name, provider]): ProviderSettings => ({
    ...shared, id: newId('provider', clock.now()), name, adapter: provider.adapter, baseUrl: provider.baseUrl ?? null, credential: provider.credential,
    allowPrivateAddress: provider.allowPrivateAddress, models: provider.models ?? [], origin: 'configuration',
  }))]
}

interface ModelParts { readonly config: Config; readonly database: Database; readonly clock: Clock; readonly log: Log; readonly egress: Egress; readonly serverSealer: Sealer; readonly revocations: SharedRevocations; readonly meter: UseMeter; readonly costOf: Budgets['costOf'] }

/** How long a provider may take (PRV-3). */
const timeLimits = ({ resilience: { connectSeconds, firstByteSeconds, wholeAnswerSeconds, idleSeconds, totalSeconds } }: Config) => ({ connectSeconds, firstByteSeconds, wholeAnswerSeconds, idleSeconds, totalSeconds })

function composeModels({ config, database, clock, log, egress, serverSealer, revocations, meter, costOf }: ModelParts) {
  const parseModels = (text: string) => z.array(z.string()).parse(JSON.parse(text))
  return createModels({
    database, clock, log, egress, revocations, meter, costOf, environment: config.environment, descriptors: modelProviders,
    store: createProviderStore(database, serverSealer, { parseModels, meter }),
    configured: configuredProviders(config, clock),
    resilience: config.resilience, fallbacks: config.resilience.fallbacks,
    hook: rotationHooks.program.create({ programs: config.secrets.rotationHooks, seconds: config.secrets.hookSeconds, outputBytes: hookRules.outputBytes }),
    adapterSettings: { library: { wordMilliseconds: config.library.wordMilliseconds } },
  })
}
