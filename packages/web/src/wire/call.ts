import type { HumanCheckOffer, OperationId, Operations, ReplyOf } from '@sallyport/contract'
import type * as z from 'zod'
import { HUMAN_CHECK_HEADER, operations } from './contract.ts'
import { PageProblem, toPageProblem } from './problem.ts'

type Part<Name extends string, Schema extends z.ZodType> =
  z.input<Schema> extends undefined ? { readonly [K in Name]?: undefined } : { readonly [K in Name]: z.input<Schema> }
/** The parts of a request that this operation takes. */
export type RequestOf<Id extends OperationId> =
  Part<'params', Operations[Id]['params']> & Part<'body', Operations[Id]['body']> & { readonly query?: Readonly<Record<string, string | number>> }

interface AnyRequest {
  readonly params?: unknown
  readonly body?: unknown
  readonly query?: Readonly<Record<string, string | number>>
}
export interface SendOptions {
  readonly signal?: AbortSignal
  readonly accept?: 'application/json' | 'text/event-stream'
  readonly lastEventId?: string | null
}

/** Called when the server no longer knows who we are. */
type SignedOutListener = () => void
let onSignedOut: SignedOutListener = () => undefined
/** Sets who is told of a session that ended. One listener: the session store. */
export const whenSignedOut = (listener: SignedOutListener): void => { onSignedOut = listener }

/** Called when the server wants to be shown that nobody here is a program; gives what to show it, or null. */
type HumanCheckListener = (offer: HumanCheckOffer, signal: AbortSignal | undefined) => Promise<string | null>
let onHumanCheck: HumanCheckListener = () => Promise.resolve(null)
/** Sets who makes checks. One listener: the dialog. */
export const whenHumanCheckNeeded = (listener: HumanCheckListener): void => { onHumanCheck = listener }
/** A check can be asked for again, when it came too late or the address changed meanwhile. */
const checksPerCall = 3

/** The path with its parameters filled in and escaped, and its query. */
export function addressOf(id: OperationId, request: AnyRequest): string {
  const values = new Map(Object.entries(request.params ?? {}))
  const path = operations[id].path.replaceAll(/:(\w+)/g, (_, name: string) => encodeURIComponent(String(values.get(name))))
  const query = new URLSearchParams(Object.entries(request.query ?? {}).map(([name, value]) => [name, String(value)])).toString()
  return query === '' ? path : `${path}?${query}`
}

/** Sends one request of the table; where the server asks for a check first, again with its answer. Throws `PageProblem` for every answer that is not a success. */
export async function send<Id extends OperationId>(id: Id, request: RequestOf<Id>, options: SendOptions = {}): Promise<Response> {
  let answer: string | null = null
  for (let checks = 0; ; checks += 1) {
    const sent = await sendOnce(id, request, { ...options, humanCheck: answer })
    if (sent instanceof Response) return sent
    if (sent.humanCheck === undefined || checks === checksPerCall) throw sent
    answer = await onHumanCheck(sent.humanCheck, options.signal)
    options.signal?.throwIfAborted()
    if (answer === null) throw new PageProblem({ code: sent.code, title: 'The check was not finished', detail: 'Try again to begin it anew.' }, sent.requestId)
  }
}

async function sendOnce(id: OperationId, request: AnyRequest, options: SendOptions & { readonly humanCheck: string | null }): Promise<Response | PageProblem> {
  const { body } = request
  const response = await fetch(addressOf(id, request), {
    method: operations[id].method,
    credentials: 'same-origin',
    headers: {
      accept: options.accept ?? 'application/json',
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...(options.lastEventId != null && { 'last-event-id': options.lastEventId }),
      ...(options.humanCheck !== null && { [HUMAN_CHECK_HEADER]: options.humanCheck }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    ...(options.signal !== undefined && { signal: options.signal }),
  })
  if (response.ok) return response
  const problem = toPageProblem(await response.json().catch(() => null))
  if (problem.code === 'not-signed-in' && id !== 'getSession') onSignedOut()
  return problem
}

/** Calls one operation and gives its reply, checked against the same schema that the server writes it with. */
export async function call<Id extends OperationId>(id: Id, request: RequestOf<Id>, signal?: AbortSignal): Promise<ReplyOf<Id>> {
  const response = await send(id, request, signal === undefined ? {} : { signal })
  const { media, reply }: { media: string; reply: z.ZodType } = operations[id]
  const parsed = reply.safeParse(media === 'none' ? undefined : await response.json())
  if (!parsed.success) throw new PageProblem({ code: 'unreadable', title: 'The answer could not be read', detail: 'Reload the page. The server may have been updated meanwhile.' }, response.headers.get('x-request-id'))
  return parsed.data as ReplyOf<Id>
}
