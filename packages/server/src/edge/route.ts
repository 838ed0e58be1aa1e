import { operationIds, operations, type Media, type OperationId } from '@sallyport/contract'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import * as z from 'zod'
import type { HumanChecks } from '../domains/human-checks/index.ts'
import type { Call, Handlers } from '../kernel/handler.ts'
import { ProblemError } from '../kernel/problem.ts'
import { operationPolicy } from '../policy/operations.ts'
import { cookieIn, signInCookieName } from './cookies.ts'
import { fail, type FailDeps } from './fail.ts'
import { signedOut, type LiveCall, type LiveCalls } from './live-calls.ts'
import { sendNavigation } from './navigate.ts'
import { addRateHeaders } from './rate-headers.ts'
import { sendDownload, sendEvents, sendFile, sendJson, sendNothing } from './respond.ts'
import { hostOf } from './steps/check-host.ts'
import { requireHumanForGrant } from './steps/require-human.ts'
import { visitOf, type Visit } from './visit.ts'

interface RouteDeps extends FailDeps { readonly handlers: Handlers; readonly humanChecks: HumanChecks; readonly cookieName: () => string; readonly liveCalls: LiveCalls }

/** The only way to add a route: it cannot exist without an operation, nor an operation without a policy row. */
export function route(app: FastifyInstance, operationId: OperationId, { handlers, humanChecks, log, penalties, patterns, cookieName, liveCalls }: RouteDeps): void {
  const { method, path } = operations[operationId]
  const { bodyBytes } = operationPolicy[operationId]
  const requireGrant = requireHumanForGrant(humanChecks, operationId)
  const handle = handlers[operationId] as (call: Call<OperationId>) => Promise<unknown>
  app.route({
    method: method === 'GET' ? ['GET', 'HEAD'] : method, url: path, config: { operationId }, ...(bodyBytes > 0 && { bodyLimit: bodyBytes }),
    handler: async (request, reply) => {
      const visit = visitOf(request)
      reply.hijack()
      const gone = new AbortController()
      using live = liveCalls.begin(visit.caller, gone)
      try {
        const call = toCall(request, reply, { operationId, cookieName, gone })
        if (requireGrant !== null) await requireGrant(visit, call.body)
        const answer = await handle(call)
        await send(visit, { operationId, live }, answer)
      } catch (error) {
        fail(live.isRevoked ? signedOut() : error, visit, { log, penalties, patterns })
      }
    },
  })
}

/** A route that has no operation id stops the server from starting: nothing is served that the policy table does not know. */
export function refuseUnlistedRoutes(app: FastifyInstance): void {
  app.addHook('onRoute', (options) => {
    const id = options.config?.operationId
    if (id === undefined || !operationIds.includes(id)) throw new Error(`Route ${String(options.method)} ${options.url} has no operation, so no policy row: add it to contract/src/operations.ts.`)
  })
}

function toCall(request: FastifyRequest, reply: FastifyReply, { operationId, cookieName, gone }: { readonly operationId: OperationId; readonly cookieName: () => string; readonly gone: AbortController }): Call<OperationId> {
  const visit = visitOf(request)
  const { params, query, body, dialect, media } = operations[operationId]
  const { bodyBytes } = operationPolicy[operationId]
  if (bodyBytes === 0 && request.body !== undefined && request.body !== null) throw invalid('', 'This operation takes no body.')
  requireAcceptable(request.headers.accept, media)
  // Only for a reader who went away: making the reason of an abort costs more than the rest of this function.
  reply.raw.once('close', () => { if (!reply.raw.writableFinished) gone.abort() })
  const parsedBody = parse(body, request.body ?? undefined, '')
  return {
    caller: visit.caller, correlationId: visit.correlationId, gone: gone.signal, tellRates: (standings) => { if (!reply.raw.headersSent) addRateHeaders(visit.headers, standings) }, host: visit.isLocal ? '' : hostOf(request) ?? '',
    signInCookie: media === 'navigation' ? cookieIn(request.headers.cookie, signInCookieName(cookieName())) : null,
    wantsEvents: media === 'events' || (media === 'json-or-events' && (request.headers.accept ?? '').includes('text/event-stream')),
    lastEventId: typeof request.headers['last-event-id'] === 'string' ? request.headers['last-event-id'] : null,
    ignoredFields: dialect === 'openai' ? ignoredIn(request.body, parsedBody) : [],
    params: parse(params, isEmpty(request.params) ? undefined : request.params, '/path'),
    query: parse(query, query instanceof z.ZodUndefined && isEmpty(request.query) ? undefined : request.query, '/query'),
    body: parsedBody,
  } as Call<OperationId>
}

const ACCEPTED: Readonly<Record<Media, RegExp | null>> = {
  json: /application\/(?:json|\*|[\w.-]+\+json)|\*\/\*/, 'json-or-events': /application\/(?:json|\*|[\w.-]+\+json)|text\/(?:event-stream|\*)|\*\/\*/,
  events: /text\/(?:event-stream|\*)|\*\/\*/, file: null, none: null, navigation: null,
}

/** Says so where none of the forms that the caller takes can be given (RFC 9110, section 15.5.7). */
function requireAcceptable(accept: string | undefined, media: Media): void {
  const accepted = ACCEPTED[media]
  if (accept !== undefined && accept.trim() !== '' && accepted !== null && !accepted.test(accept.toLowerCase())) {
    throw new ProblemError('not-acceptable', { detail: `This answers as ${media === 'events' ? 'text/event-stream' : media === 'json' ? 'application/json' : 'application/json or text/event-stream'}.` })
  }
}

const isEmpty = (value: unknown) => typeof value !== 'object' || value === null || Object.keys(value).length === 0

/** Fields that a client sent and the schema dropped; they are named, so that nobody believes they had an effect (VAL-1). */
function ignoredIn(sent: unknown, kept: unknown): readonly string[] {
  if (typeof sent !== 'object' || sent === null || typeof kept !== 'object' || kept === null) return []
  return Object.keys(sent).filter((field) => !Object.hasOwn(kept, field) && /^[\w-]{1,64}$/.test(field)).slice(0, 20)
}

const invalid = (pointer: string, detail: string) =>
  new ProblemError('invalid-request', { detail: pointer === '' ? detail : `${pointer.slice(1)}: ${detail}`, members: { errors: [{ pointer, detail }] } })

const SHOWN_ERRORS = 10

function parse(schema: z.ZodType, input: unknown, base: string): unknown {
  const result = schema.safeParse(input)
  if (result.success) return result.data
  const errors = result.error.issues.slice(0, SHOWN_ERRORS).map(({ path, message, code, ...issue }) => ({
    pointer: [base, ...path.map(String)].join('/').replace(/^(?!\/|$)/, '/').slice(0, 200),
    detail: code === 'unrecognized_keys' && 'keys' in issue ? `Unknown: ${(issue.keys as readonly string[]).slice(0, 5).map((key) => key.slice(0, 64)).join(', ')}. Remove it.` : message,
  }))
  const [first] = errors
  const detail = first === undefined ? 'Check the request.' : first.pointer === '' ? first.detail : `${first.pointer.slice(1)}: ${first.detail}`
  throw new ProblemError('invalid-request', { detail, members: { errors } })
}

async function send(visit: Visit, { operationId, live }: { readonly operationId: OperationId; readonly live: LiveCall }, answer: unknown): Promise<void> {
  const { media, reply } = operations[operationId]
  if (isKind(answer, 'events')) return sendEvents(visit, answer, live)
  if (isKind(answer, 'file')) { sendFile(visit, answer); return }
  if (isKind(answer, 'download')) return sendDownload(visit, answer, live)
  if (isKind(answer, 'navigation')) { sendNavigation(visit, answer); return }
  const body = isKind(answer, 'headed') ? answer.reply : answer
  if (isKind(answer, 'headed')) Object.assign(visit.headers, answer.headers)
  if (media === 'none') sendNothing(visit)
  else sendJson(visit, 200, reply.parse(body))
}

type Kinds = { download: import('../kernel/handler.ts').DownloadReply; events: import('../kernel/handler.ts').EventsReply; file: import('../kernel/handler.ts').FileReply; navigation: import('../kernel/handler.ts').NavigationReply; headed: { readonly kind: 'headed'; readonly reply: unknown; readonly headers: Readonly<Record<string, string>> } }
const isKind = <Kind extends keyof Kinds>(answer: unknown, kind: Kind): answer is Kinds[Kind] =>
  typeof answer === 'object' && answer !== null && 'kind' in answer && answer.kind === kind
