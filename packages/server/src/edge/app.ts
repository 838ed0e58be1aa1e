import type { Server } from 'node:http'
import { operationIds } from '@sallyport/contract'
import Fastify, { type FastifyInstance } from 'fastify'
import type { Clock } from '../kernel/clock.ts'
import type { Handlers } from '../kernel/handler.ts'
import type { Log } from '../kernel/log.ts'
import { ProblemError } from '../kernel/problem.ts'
import { fail } from './fail.ts'
import { sendProblem } from './respond.ts'
import { refuseUnlistedRoutes, route } from './route.ts'
import { beginVisit } from './steps/begin-visit.ts'
import { checkAccess } from './steps/check-access.ts'
import { checkHost } from './steps/check-host.ts'
import { identifyCaller, type IdentifyDeps } from './steps/identify-caller.ts'
import { limitAddress } from './steps/limit-address.ts'
import { limitOperation } from './steps/limit-operation.ts'
import { refuseCrossSite } from './steps/refuse-cross-site.ts'
import { unrouted } from './unrouted.ts'
import { visitOf, type Visit } from './visit.ts'

export interface AppDeps extends IdentifyDeps {
  readonly handlers: Handlers
  readonly clock: Clock
  readonly log: Log
  readonly isKnownHost: (host: string) => boolean
  readonly requestsPerMinute: number
  /** True for the app behind the administration socket. */
  readonly isLocal: boolean
}

type Step = (visit: Visit) => void | Promise<void>

const HEADER_BYTES = 16_384
const REQUEST_SECONDS = 60
const HEADERS_SECONDS = 10
const KEEP_ALIVE_SECONDS = 5

/** The edge: a request meets these steps in this order, then its operation. */
export async function createApp(deps: AppDeps): Promise<FastifyInstance> {
  const { handlers, clock, log, isLocal } = deps
  const steps: readonly Step[] = [
    checkHost(deps.isKnownHost),
    limitAddress(clock, { count: deps.requestsPerMinute, windowSeconds: 60 }),
    identifyCaller(deps),
    refuseCrossSite,
    checkAccess,
    limitOperation(clock),
  ]
  const app = Fastify({
    exposeHeadRoutes: false, logger: false, requestTimeout: REQUEST_SECONDS * 1_000, keepAliveTimeout: KEEP_ALIVE_SECONDS * 1_000,
    forceCloseConnections: 'idle', return503OnClosing: true, routerOptions: { maxParamLength: 400 },
    http: { maxHeaderSize: HEADER_BYTES, headersTimeout: HEADERS_SECONDS * 1_000 },
    clientErrorHandler: (error, socket) => { refuseConnection(error, socket) },
    frameworkErrors: (error, request, reply) => { fail(error, beginVisit(request, reply.hijack().raw, isLocal), log) },
  })
  app.decorateRequest('visit', null)
  refuseUnlistedRoutes(app)
  app.addHook('onRequest', async (request, reply) => {
    const visit = beginVisit(request, reply.raw, isLocal)
    request.visit = visit
    for (const step of steps) {
      const waiting = step(visit)
      if (waiting !== undefined) await waiting
    }
  })
  app.setErrorHandler((error, request, reply) => {
    reply.hijack()
    fail(error, request.visit ?? beginVisit(request, reply.raw, isLocal), log)
  })
  app.setNotFoundHandler((request, reply) => {
    reply.hijack()
    sendProblem(visitOf(request), unrouted(request.url))
  })
  for (const id of operationIds) route(app, id, { handlers, log })
  await app.ready()
  return app
}

/** What Node's parser refuses never becomes a request: it is answered on the bare connection, and ended. */
function refuseConnection(error: Error & { readonly code?: string }, socket: import('node:net').Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) { socket.destroy(); return }
  const { code, reason } = error.code === 'HPE_HEADER_OVERFLOW' ? { code: 431, reason: 'Request Header Fields Too Large' }
    : error.code === 'ERR_HTTP_REQUEST_TIMEOUT' ? { code: 408, reason: 'Request Timeout' } : { code: 400, reason: 'Bad Request' }
  const problem = new ProblemError(code === 431 ? 'headers-too-large' : code === 408 ? 'request-timeout' : 'invalid-request')
  const body = JSON.stringify({ type: `/problems/${problem.code}`, title: problem.message, status: code, code: problem.code })
  socket.end(`HTTP/1.1 ${code} ${reason}\r\nContent-Type: application/problem+json\r\nContent-Length: ${Buffer.byteLength(body)}\r\nX-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n${body}`)
}
export type { Server }
