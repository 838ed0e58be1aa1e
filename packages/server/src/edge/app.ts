import type { Server } from 'node:http'
import { operationIds } from '@sallyport/contract'
import Fastify, { type FastifyInstance } from 'fastify'
import type { HumanChecks } from '../domains/human-checks/index.ts'
import type { Patterns } from '../domains/patterns/index.ts'
import type { Load } from '../domains/load/index.ts'
import type { Clock } from '../kernel/clock.ts'
import type { Handlers } from '../kernel/handler.ts'
import type { Log } from '../kernel/log.ts'
import type { Revocations } from '../kernel/revocations.ts'
import { fail } from './fail.ts'
import { createKnownCredentials } from './known-credentials.ts'
import { limitConnections, type ConnectionLimits } from './limit-connections.ts'
import { limitSlowReads } from './limit-slow-reads.ts'
import { createLiveCalls } from './live-calls.ts'
import { observeCall } from './observe.ts'
import { readJson } from './read-json.ts'
import { refuseConnection } from './refuse-connection.ts'
import { refuseUnlistedRoutes, route } from './route.ts'
import { beginVisit, type Entrance } from './steps/begin-visit.ts'
import { checkAccess } from './steps/check-access.ts'
import { checkHost } from './steps/check-host.ts'
import { identifyCaller, type IdentifyDeps } from './steps/identify-caller.ts'
import { limitAddress, limitUnproved, type RateDeps } from './steps/limit-address.ts'
import { limitOperation } from './steps/limit-operation.ts'
import { refuseAmbiguous } from './steps/refuse-ambiguous.ts'
import { refuseBanned } from './steps/refuse-banned.ts'
import { refuseCrossSite } from './steps/refuse-cross-site.ts'
import { refuseEncodedBody } from './steps/refuse-encoded-body.ts'
import { refuseWhenClosing } from './steps/refuse-when-closing.ts'
import { requireHuman } from './steps/require-human.ts'
import { shedLoad } from './steps/shed-load.ts'
import { unrouted } from './unrouted.ts'
import { visitOf, type Visit } from './visit.ts'

export interface AppDeps extends IdentifyDeps, Entrance {
  readonly handlers: Handlers
  readonly clock: Clock
  readonly log: Log
  readonly isKnownHost: (host: string) => boolean
  readonly rates: RateDeps
  readonly patterns: Pick<Patterns, 'note'>
  readonly connections: Pick<ConnectionLimits, 'all' | 'perAddress'>
  readonly slowReadSeconds: number
  readonly humanChecks: HumanChecks
  readonly load: Pick<Load, 'sheds' | 'shed'>
  readonly revocations: Pick<Revocations, 'subscribe'>
}

type Step = (visit: Visit) => void | Promise<void>

const HEADER_BYTES = 16_384
const REQUEST_SECONDS = 60
const HEADERS_SECONDS = 10
const KEEP_ALIVE_SECONDS = 5
/** How often Node looks for connections that are over their time: it adds to the limits above. */
const CHECK_SECONDS = 1

/** The edge: a request meets these steps in this order, then its operation. */
export async function createApp(deps: AppDeps): Promise<FastifyInstance> {
  const { handlers, clock, log } = deps
  const state = { isClosing: false }
  const credentials = createKnownCredentials(deps.cookieName)
  const steps: readonly Step[] = [
    refuseWhenClosing(state),
    refuseAmbiguous,
    checkHost(deps.isKnownHost),
    limitAddress(deps.rates, credentials),
    identifyCaller({ ...deps, credentials }),
    limitUnproved(deps.rates, credentials),
    refuseBanned(deps),
    shedLoad(deps.load),
    refuseCrossSite,
    checkAccess(clock),
    requireHuman(deps.humanChecks),
    limitOperation(deps.rates),
    observeCall(deps.patterns),
    refuseEncodedBody,
  ]
  const meet = async (visit: Visit): Promise<void> => {
    for (const step of steps) {
      const waiting = step(visit)
      if (waiting !== undefined) await waiting
    }
  }
  /** Addresses that cannot be read meet the same steps: asking for them is counted, and shows as a pattern. */
  const refuse = async (error: unknown, visit: Visit): Promise<void> => {
    try {
      await meet(visit)
      fail(error, visit, deps)
    } catch (reason) { fail(reason, visit, deps) }
  }
  const app = Fastify({
    exposeHeadRoutes: false, logger: false, requestTimeout: REQUEST_SECONDS * 1_000, keepAliveTimeout: KEEP_ALIVE_SECONDS * 1_000,
    forceCloseConnections: 'idle', return503OnClosing: false, routerOptions: { maxParamLength: 400 },
    http: { maxHeaderSize: HEADER_BYTES, headersTimeout: HEADERS_SECONDS * 1_000, requireHostHeader: false, connectionsCheckingInterval: CHECK_SECONDS * 1_000 },
    clientErrorHandler: (error, socket) => { refuseConnection(error, socket) },
    frameworkErrors: (error, request, reply) => { void refuse(error, beginVisit(request, reply.hijack().raw, deps)) },
  })
  readJson(app)
  // An expectation that is not understood may be ignored (RFC 9110, section 10.1.1); Node would answer it without our headers.
  app.server.on('checkExpectation', (request, response) => { app.server.emit('request', request, response) })
  if (!deps.isLocal) {
    limitConnections(app.server, { ...deps.connections, proxies: deps.proxies })
    limitSlowReads(app.server, deps.slowReadSeconds)
  }
  app.addHook('preClose', (done) => { state.isClosing = true; done() })
  app.decorateRequest('visit', null)
  refuseUnlistedRoutes(app)
  app.addHook('onRequest', async (request, reply) => {
    const visit = beginVisit(request, reply.raw, deps)
    request.visit = visit
    await meet(visit)
  })
  app.setErrorHandler((error, request, reply) => {
    reply.hijack()
    fail(error, request.visit ?? beginVisit(request, reply.raw, deps), deps)
  })
  app.setNotFoundHandler((request, reply) => {
    reply.hijack()
    fail(unrouted(request.url), visitOf(request), deps)
  })
  const liveCalls = createLiveCalls(deps.revocations)
  for (const id of operationIds) route(app, id, { handlers, log, penalties: deps.penalties, patterns: deps.patterns, humanChecks: deps.humanChecks, liveCalls, cookieName: deps.cookieName })
  await app.ready()
  return app
}

export type { Server }
