import * as z from 'zod'
import { modelProviders } from '../adapters/model-provider/index.ts'
import { passageIndexes } from '../adapters/passage-index/index.ts'
import type { Config } from '../config/load.ts'
import { createAccounts, createAccountStore } from '../domains/accounts/index.ts'
import { createAudit, createAuditStore } from '../domains/audit/index.ts'
import { createConversations } from '../domains/conversations/index.ts'
import { createKeys } from '../domains/keys/index.ts'
import { createKnowledge } from '../domains/knowledge/index.ts'
import { createModels, createProviderStore, type ProviderSettings } from '../domains/models/index.ts'
import { createKeyRing, SERVER_KEYS } from '../domains/secrets/index.ts'
import { createSessions, createSessionStore } from '../domains/sessions/index.ts'
import { createUsageStore } from '../domains/usage/index.ts'
import type { Clock } from '../kernel/clock.ts'
import { createEgress } from '../kernel/egress.ts'
import { newId } from '../kernel/ids.ts'
import type { Log } from '../kernel/log.ts'
import { defaultEgressRules } from '../policy/egress.ts'
import { composeBackups } from './backups.ts'
import { composeModerators } from './moderators.ts'
import type { OpenStore } from './store.ts'

/** The built-in assistant stands among the providers, so that a newcomer has one that answers. */
const BUILT_IN = 'sallyport'

export interface DomainDeps { readonly config: Config; readonly store: Omit<OpenStore, 'directory'>; readonly clock: Clock; readonly log: Log }

/** Every domain with what it uses. */
export async function composeDomains({ config, store, clock, log }: DomainDeps) {
  const { database, vault } = store
  const keyRing = createKeyRing(database, vault, clock)
  const serverSealer = await keyRing.ensure(SERVER_KEYS)
  const egress = createEgress({ clock, rules: defaultEgressRules })
  const parseModels = (text: string) => z.array(z.string()).parse(JSON.parse(text))
  const models = createModels({
    database, clock, log, egress, descriptors: modelProviders,
    store: createProviderStore(database, serverSealer, parseModels),
    configured: configuredProviders(config, clock),
    providerDeps: { fetchConfigured: (request) => egress.fetchConfigured(request) },
    adapterSettings: { library: { wordMilliseconds: config.library.wordMilliseconds } },
  })
  await models.load()
  return {
    keyRing, egress, models, moderators: composeModerators(config, egress),
    accounts: createAccounts({ database, store: createAccountStore(database), keyRing, clock, lookupKey: serverSealer.derive('account e-mail look-up') }),
    audit: createAudit(createAuditStore(database)),
    backups: composeBackups({ config, store, clock, log, serverSealer }),
    conversations: createConversations({ database, keyRing, clock, models }),
    keys: createKeys({ database, clock }),
    knowledge: createKnowledge({ database, keyRing, clock, index: passageIndexes[database.dialect].create(database.read) }),
    sessions: createSessions({ database, store: createSessionStore(database), clock }),
    usage: createUsageStore(database),
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
