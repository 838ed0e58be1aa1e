import type { OperationId, Operations, ReplyOf } from '@sallyport/contract'
import type * as z from 'zod'
import { operations } from './contract.ts'
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

/** The path with its parameters filled in and escaped, and its query. */
export function addressOf(id: OperationId, request: AnyRequest): string {
  const values = new Map(Object.entries(request.params ?? {}))
  const path = operations[id].path.replaceAll(/:(\w+)/g, (_, name: string) => encodeURIComponent(String(values.get(name))))
  const query = new URLSearchParams(Object.entries(request.query ?? {}).map(([name, value]) => [name, String(value)])).toString()
  return query === '' ? path : `${path}?${query}`
}

/** Sends one request of the table. Throws `PageProblem` for every answer that is not a success. */
export async function send<Id extends OperationId>(id: Id, request: RequestOf<Id>, options: SendOptions = {}): Promise<Response> {
  const { body }: AnyRequest = request
  const response = await fetch(addressOf(id, request), {
    method: operations[id].method,
    credentials: 'same-origin',
    headers: {
      accept: options.accept ?? 'application/json',
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...(options.lastEventId != null && { 'last-event-id': options.lastEventId }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    ...(options.signal !== undefined && { signal: options.signal }),
  })
  if (response.ok) return response
  const problem = toPageProblem(await response.json().catch(() => null))
  if (problem.code === 'not-signed-in' && id !== 'getSession') onSignedOut()
  throw problem
}

/** Calls one operation and gives its reply, checked against the same schema that the server writes it with. */
export async function call<Id extends OperationId>(id: Id, request: RequestOf<Id>, signal?: AbortSignal): Promise<ReplyOf<Id>> {
  const response = await send(id, request, signal === undefined ? {} : { signal })
  const { media, reply }: { media: string; reply: z.ZodType } = operations[id]
  const parsed = reply.safeParse(media === 'none' ? undefined : await response.json())
  if (!parsed.success) throw new PageProblem({ code: 'unreadable', title: 'The answer could not be read', detail: 'Reload the page. The server may have been updated meanwhile.' }, response.headers.get('x-request-id'))
  return parsed.data as ReplyOf<Id>
}
