import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { toOpenApi } from '@sallyport/contract'
import type { Config } from '../config/load.ts'
import { accountRoutes } from '../domains/accounts/index.ts'
import { auditRoutes } from '../domains/audit/index.ts'
import { backupRoutes } from '../domains/backups/index.ts'
import { conversationRoutes, markInterrupted } from '../domains/conversations/index.ts'
import { keyRoutes } from '../domains/keys/index.ts'
import { knowledgeRoutes, readHandbook } from '../domains/knowledge/index.ts'
import { modelRoutes } from '../domains/models/index.ts'
import { sessionRoutes } from '../domains/sessions/index.ts'
import { createApp, type AppDeps } from '../edge/app.ts'
import { createCookies } from '../edge/cookies.ts'
import { readPage } from '../edge/page.ts'
import { systemClock, type Clock } from '../kernel/clock.ts'
import type { Handlers } from '../kernel/handler.ts'
import { createLog, describeError, type Log } from '../kernel/log.ts'
import { ProblemError } from '../kernel/problem.ts'
import { gatewayRoutes } from '../turn/gateway.ts'
import { turnRoutes } from '../turn/routes.ts'
import { scheduleBackups } from './backups.ts'
import { composeDomains } from './domains.ts'
import { createListeners } from './listeners.ts'
import { openStore, type OpenStore } from './store.ts'
import { composeTurn } from './turn.ts'

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..', '..')
const DRAIN_MILLISECONDS = 10_000

/** What is the same in every server, and a test sets. */
export interface Surroundings { readonly clock?: Clock; readonly log?: Log }

/** Puts the server together: the only place that picks implementations. Nothing listens yet. */
export async function compose(config: Config, { clock = systemClock, log = createLog(config.log.level) }: Surroundings = {}) {
  const store = await openStore(config)
  try {
    return await composeOver(store, config, { clock, log })
  } catch (error) {
    // What was opened must not keep the process, or the directory's lock.
    await store.database.close()
    store.directory.release()
    throw error
  }
}

async function composeOver(store: OpenStore, config: Config, { clock, log }: Required<Surroundings>) {
  const { database, directory } = store
  const domains = await composeDomains({ config, store, clock, log })
  await database.write([...markInterrupted(database), domains.usage.interruptAll(clock.now())])
  const turn = composeTurn({ config, domains, database, clock })
  const setupToken = await domains.accounts.renewSetupToken()
  const listeners = createListeners(config, directory.socketPath)
  const cookies = createCookies(listeners.port)
  const state: { isStopping: boolean; handbook: Promise<void>; endSchedule: () => void } = { isStopping: false, handbook: Promise.resolve(), endSchedule: () => undefined }

  const handlers: Handlers = {
    ...accountRoutes(domains.accounts), ...auditRoutes(domains.audit), ...backupRoutes(domains.backups), ...conversationRoutes(domains.conversations), ...keyRoutes(domains.keys),
    ...knowledgeRoutes(domains.knowledge), ...modelRoutes(domains.models), ...sessionRoutes(domains.sessions, domains.accounts, cookies),
    ...turnRoutes({ run: turn.run, live: turn.live, conversations: domains.conversations, clock }),
    ...gatewayRoutes({ run: turn.run, models: domains.models, clock }),
    getPage: await readPage(join(ROOT, 'packages', 'web', 'dist')),
    getHealth: () => Promise.resolve({ ok: true }),
    getReadiness: () => (state.isStopping ? Promise.reject(new ProblemError('shutting-down')) : Promise.resolve({ ok: true })),
    getOpenApi: () => Promise.resolve(toOpenApi()),
  }
  const appDeps: Omit<AppDeps, 'isLocal'> = {
    handlers, clock, log, requestsPerMinute: config.limits.requestsPerMinute, isKnownHost: listeners.isKnownHost, cookieName: cookies.name,
    findSession: domains.sessions.find, findKey: domains.keys.find,
    findLocal: async () => {
      const owner = await domains.accounts.firstOwner()
      return owner === null ? null : { accountId: owner.id, role: owner.role }
    },
  }
  const apps = { public: await createApp({ ...appDeps, isLocal: false }), local: await createApp({ ...appDeps, isLocal: true }) }

  /** What a running server does beside answering. None of it holds up the start, and none of it throws. */
  const startJobs = () => {
    state.handbook = readHandbook(join(ROOT, 'docs', 'handbook')).then(domains.knowledge.loadHandbook)
      .then(() => undefined, (error: unknown) => { log.error(describeError(error), 'handbook-not-loaded') })
    return { handbook: state.handbook, models: domains.models.discoverConfigured() }
  }
  return {
    domains, database, log, setupToken, apps,
    hasProviders: () => domains.models.listProviders().items.some(({ origin }) => origin !== 'built-in'),
    /** What an administrator should know at the start. */
    notices: async () => [await domains.backups.notice()].filter((notice) => notice !== null),
    /** Listens on the configured address and on the administration socket. Gives the address to open. */
    async listen() {
      await listeners.listen(apps)
      state.endSchedule = scheduleBackups(domains.backups, (error) => { log.error(describeError(error), 'backup-not-begun') })
      return { url: listeners.url(), jobs: startJobs() }
    },
    /** Only the administration socket: for commands that need a server of their own. */
    async listenLocally() {
      await listeners.listenLocally(apps.local)
      return { socketPath: directory.socketPath, jobs: startJobs() }
    },
    /** Takes no more work, lets running turns end (or stops them after a while, with what they have), and closes the store. */
    async close(): Promise<void> {
      if (state.isStopping) return
      state.isStopping = true
      state.endSchedule()
      const late = setTimeout(() => { turn.live.stopAll() }, DRAIN_MILLISECONDS)
      const closing = Promise.all([apps.public.close(), apps.local.close()])
      await Promise.all([turn.live.drain(), state.handbook])
      clearTimeout(late)
      await listeners.letGo(apps, closing)
      await domains.backups.close()
      await domains.egress.close()
      await database.close()
      directory.release()
    },
  }
}
export type Sallyport = Awaited<ReturnType<typeof compose>>
