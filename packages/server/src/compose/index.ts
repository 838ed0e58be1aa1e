import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { toOpenApi } from '@sallyport/contract'
import type { Config } from '../config/load.ts'
import { accountRoutes } from '../domains/accounts/index.ts'
import { auditRoutes, createDayNames, type DayNames } from '../domains/audit/index.ts'
import { backupRoutes } from '../domains/backups/index.ts'
import { budgetRoutes } from '../domains/budgets/index.ts'
import { conversationRoutes, markInterrupted } from '../domains/conversations/index.ts'
import { keyRoutes } from '../domains/keys/index.ts'
import { knowledgeRoutes } from '../domains/knowledge/index.ts'
import { limitRoutes } from '../domains/limits/index.ts'
import { modelRoutes } from '../domains/models/index.ts'
import { createPatterns } from '../domains/patterns/index.ts'
import { createPenalties, penaltyRoutes, type PenaltyDeps } from '../domains/penalties/index.ts'
import { privacyRoutes } from '../domains/privacy/index.ts'
import { createSharedRevocations, type SharedRevocations } from '../domains/revocations/index.ts'
import { createUseMeter, secretUseRoutes, watchSettings, type UseMeter } from '../domains/secret-uses/index.ts'
import { dataKeyRoutes } from '../domains/secrets/index.ts'
import { createApp, type AppDeps } from '../edge/app.ts'
import { createCookies } from '../edge/cookies.ts'
import { readPage } from '../edge/page.ts'
import { parseAddressRange } from '../kernel/address-range.ts'
import { systemClock, type Clock } from '../kernel/clock.ts'
import type { Handlers } from '../kernel/handler.ts'
import { createLog, describeError, goneOver, type Log } from '../kernel/log.ts'
import { ProblemError } from '../kernel/problem.ts'
import { gatewayRoutes } from '../turn/gateway.ts'
import { turnRoutes } from '../turn/routes.ts'
import { composeDomains } from './domains.ts'
import { identifyDeps, identityHandlers } from './identity-handlers.ts'
import { createJobs } from './jobs.ts'
import { composeKeyRing } from './key-ring.ts'
import { createKeyImporter } from './keys.ts'
import { createListeners } from './listeners.ts'
import { composeLoad } from './load.ts'
import { composeRates } from './rates.ts'
import { writeLastUses } from './secret-uses.ts'
import { openStore, type OpenStore } from './store.ts'
import { composeTurn } from './turn.ts'

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..', '..')
const DRAIN_MILLISECONDS = 10_000

/** What is the same in every server, and a test sets. */
export interface Surroundings { readonly clock?: Clock; readonly log?: Log }

/** Puts the server together: the only place that picks implementations. Nothing listens yet. */
export async function compose(given: Config, { clock = systemClock, log = createLog(given.log.level) }: Surroundings = {}) {
  const meter = createUseMeter()
  const config = watchSettings(given, meter)
  const store = await openStore(config)
  try {
    const names = createDayNames({ database: store.database, clock, days: config.retention.dayNameDays })
    return await composeOver(store, config, { clock, log: goneOver(log, names.forLog), names, meter })
  } catch (error) {
    // What was opened must not keep the process, or the directory's lock.
    await store.database.close()
    await store.closeVault()
    store.directory.release()
    throw error
  }
}

interface CountingParts extends Required<Surroundings>, Pick<PenaltyDeps, 'serverSealer' | 'namesOf'> { readonly revocations: SharedRevocations }

/** What is counted of everybody: what they do wrong, what that looks like over many, and what they may do. */
async function composeCounting({ database }: Pick<OpenStore, 'database'>, config: Config, { clock, log, revocations, serverSealer, namesOf }: CountingParts) {
  const penalties = createPenalties({ database, clock, revocations, serverSealer, namesOf, banPoints: config.limits.banPoints, onFailure: (error) => { log.error(describeError(error), 'penalties-not-kept') } })
  const patterns = createPatterns({ database, clock, penalties, onFailure: (error) => { log.error(describeError(error), 'pattern-not-told') } })
  return { penalties, patterns, rates: await composeRates({ allowanceOf: penalties.allowanceOf, config, database, serverSealer, clock, log }) }
}

async function composeOver(store: OpenStore, config: Config, { clock, log, names, meter }: Required<Surroundings> & { readonly names: DayNames; readonly meter: UseMeter }) {
  const { database, directory } = store
  const listeners = createListeners(config, directory.socketPath)
  const revocations = createSharedRevocations({ database, clock, onFailure: (error) => { log.warn(describeError(error), 'revocations-not-heard') } })
  const ring = await composeKeyRing(store, { clock, log, meter })
  const { penalties, patterns, rates } = await composeCounting(store, config, { clock, log, revocations, serverSealer: ring.serverSealer, namesOf: (ids) => domains.namesOf(ids) })
  const domains = await composeDomains({ config, names, meter, ring, rates, revocations, penalties, patterns, store, clock, log, listeningUrl: listeners.url })
  await revocations.listen()
  await penalties.load()
  await domains.models.load()
  await domains.exports.giveUpOld()
  await database.write([...markInterrupted(database), domains.usage.interruptAll(clock.now())])
  const { queue, load } = composeLoad({ config, clock, log })
  const turn = composeTurn({ config, domains, database, clock, rates, queue })
  const setupToken = await domains.accounts.renewSetupToken()
  const importKeys = createKeyImporter(config, domains)
  await importKeys.now()
  const cookies = createCookies(listeners.port)
  const state = { isStopping: false }
  const jobs = createJobs({ domains, rates, load, log, handbook: join(ROOT, 'docs', 'handbook') })

  const handlers: Handlers = {
    ...accountRoutes(domains.accounts), ...auditRoutes(domains.audit, domains.events, names), ...backupRoutes(domains.backups), ...dataKeyRoutes(domains.dataKeys), ...secretUseRoutes(domains.secretUses), ...privacyRoutes(domains), ...conversationRoutes(domains.conversations), ...keyRoutes(domains.keys),
    ...knowledgeRoutes(domains.knowledge), ...modelRoutes(domains.models, domains.answerCache), ...limitRoutes({ ...rates, budgets: domains.budgets, penalties, savings: { of: domains.answerCache.savingsOf }, storage: { limitBytes: config.limits.storedMegabytes * 1_000_000, of: domains.storedBytes }, documents: domains.knowledge }), ...penaltyRoutes(penalties), ...budgetRoutes(domains.budgets), ...identityHandlers({ domains, database, cookies, clock, config }),
    ...turnRoutes({ run: turn.run, live: turn.live, conversations: domains.conversations, clock }),
    ...gatewayRoutes({ run: turn.run, models: domains.models, clock }),
    getPage: await readPage(join(ROOT, 'packages', 'web', 'dist'), domains.humanChecks.foreign),
    getHealth: () => Promise.resolve({ ok: true }),
    getReadiness: () => (state.isStopping ? Promise.reject(new ProblemError('shutting-down')) : Promise.resolve({ ok: true })),
    getOpenApi: () => Promise.resolve(toOpenApi()),
  }
  const appDeps: Omit<AppDeps, 'isLocal'> = {
    handlers: { ...handlers, createOwner: importKeys.after(handlers.createOwner) }, clock, log, proxies: config.http.proxies.map(parseAddressRange).filter((range) => range !== null), rates, isKnownHost: listeners.isKnownHost, cookieName: cookies.name,
    ...identifyDeps(domains, config), revocations, penalties, patterns, load, humanChecks: domains.humanChecks, connections: { all: config.http.connections, perAddress: config.http.connectionsPerAddress }, slowReadSeconds: config.http.slowReadSeconds,
  }
  const apps = { public: await createApp({ ...appDeps, isLocal: false }), local: await createApp({ ...appDeps, isLocal: true }) }
  return {
    domains, database, log, setupToken, apps,
    hasProviders: domains.models.hasProviders,
    /** What an administrator should know at the start. */
    notices: async () => [await domains.backups.notice(), ...await domains.models.notices(), ...await domains.signInNotices()].filter((notice) => notice !== null),
    /** Listens on the configured address and on the administration socket. Gives the address to open. */
    async listen() {
      await listeners.listen(apps)
      load.start()
      return { url: listeners.url(), jobs: jobs.start({ withBackups: true }) }
    },
    /** Only the administration socket: for commands that need a server of their own. */
    async listenLocally() {
      await listeners.listenLocally(apps.local)
      return { socketPath: directory.socketPath, jobs: jobs.start({ withBackups: false }) }
    },
    /** Takes no more work, lets running turns end (or stops them after a while, with what they have), and closes the store. */
    async close(): Promise<void> {
      if (state.isStopping) return
      state.isStopping = true
      jobs.end()
      load.close()
      const late = setTimeout(() => { turn.live.stopAll() }, DRAIN_MILLISECONDS)
      const closing = Promise.all([apps.public.close(), apps.local.close()])
      await Promise.all([turn.live.drain(), jobs.settled(), domains.models.hooks.close()])
      clearTimeout(late)
      await listeners.letGo(apps, closing)
      await domains.exports.close()
      await domains.messageIndexer.close()
      await domains.dataKeys.close()
      await writeLastUses(domains, log)
      await domains.backups.close()
      await penalties.close()
      revocations.close()
      await domains.accounts.close()
      await domains.egress.close()
      await rates.limiter.close()
      await database.close()
      await store.closeVault()
      directory.release()
    },
  }
}
export type Sallyport = Awaited<ReturnType<typeof compose>>
