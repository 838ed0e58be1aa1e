import { request as requestHttp, type IncomingMessage } from 'node:http'
import { request as requestHttps } from 'node:https'
import { isProblemCode, operations, Problem, turnEvents, type BodyOf, type OperationId, type ParamsOf, type QueryOf, type ReplyOf, type TurnEvent, type TurnEventName } from '@sallyport/contract'
import type { Secret } from '@sallyport/server/ops'

/** Where the server is: its administration socket, or an address with an API key. */
export type Target = { readonly socketPath: string } | { readonly url: URL; readonly key: Secret }

/** What the server refused, in its own words. */
export class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly problem: Problem
  constructor(problem: Problem) {
    super(problem.detail === undefined ? `${problem.title}.` : `${problem.title}. ${problem.detail}`)
    this.problem = problem
  }
}

type Given<Value> = [Value] extends [undefined] ? undefined : Value
export interface CallInput<Id extends OperationId> { readonly params?: Given<ParamsOf<Id>>; readonly query?: Partial<QueryOf<Id> & object>; readonly body?: Given<BodyOf<Id>> }
export interface Client {
  /** Calls an operation and gives its checked reply. Throws `Refusal`. */
  call<Id extends OperationId>(id: Id, input?: CallInput<Id>): Promise<ReplyOf<Id>>
  /** Calls an operation that gives a file, as it comes. Throws `Refusal`. */
  download(id: OperationId, input?: { readonly params?: Readonly<Record<string, string>> }): Promise<AsyncIterable<Uint8Array>>
  /** Calls an operation that streams. Ends after the last event. Throws `Refusal`, also for one that comes as the last event. */
  events<Id extends OperationId>(id: Id, input?: CallInput<Id>): AsyncIterable<TurnEvent>
}

/** The contract's client, for the command line. */
export function createClient(target: Target): Client {
  const send = async (id: OperationId, input: { readonly params?: unknown; readonly query?: unknown; readonly body?: unknown }, accept: string) => {
    const response = await open(target, { method: operations[id].method, path: pathOf(id, input), accept, body: input.body === undefined ? null : JSON.stringify(input.body) })
    if ((response.statusCode ?? 500) < 400) return response
    throw new Refusal(parseProblem(await textOf(response)))
  }
  return {
    async call(id, input = {}) {
      const text = await textOf(await send(id, input, 'application/json'))
      const { reply, media } = operations[id]
      return reply.parse(media === 'none' ? undefined : JSON.parse(text)) as ReplyOf<typeof id>
    },
    download: (id, input = {}) => send(id, input, '*/*'),
    async *events(id, input = {}) {
      for await (const event of eventsIn(await send(id, input, 'text/event-stream'))) {
        if (event.name === 'problem') throw new Refusal(event.data)
        yield event
      }
    },
  }
}

function pathOf(id: OperationId, { params, query }: { readonly params?: unknown; readonly query?: unknown }): string {
  const values = Object.entries(params ?? {}).map(([name, value]): [string, string] => [name, encodeURIComponent(String(value))])
  const path = values.reduce((text, [name, value]) => text.replace(`:${name}`, value), operations[id].path as string)
  const search = new URLSearchParams(Object.entries(query ?? {}).filter(([, value]) => value !== undefined).map(([name, value]): [string, string] => [name, String(value)])).toString()
  return search === '' ? path : `${path}?${search}`
}

interface Sent { readonly method: string; readonly path: string; readonly accept: string; readonly body: string | null }

function open(target: Target, { method, path, accept, body }: Sent): Promise<IncomingMessage> {
  const headers = { accept, ...(body !== null && { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body)) }) }
  return new Promise((resolve, reject) => {
    const sending = 'socketPath' in target
      ? requestHttp({ socketPath: target.socketPath, method, path, headers })
      : (target.url.protocol === 'https:' ? requestHttps : requestHttp)(new URL(path, target.url), { method, headers: { ...headers, authorization: `Bearer ${target.key.reveal()}` } })
    sending.once('response', resolve)
    sending.once('error', (error) => { reject(new Error('The server cannot be reached. Is it running, and is the address right?', { cause: error })) })
    sending.end(body ?? undefined)
  })
}

async function textOf(response: IncomingMessage): Promise<string> {
  response.setEncoding('utf8')
  let text = ''
  for await (const chunk of response) text += String(chunk)
  return text
}

function parseProblem(text: string): Problem {
  const parsed = Problem.safeParse(safeJson(text))
  return parsed.success && isProblemCode(parsed.data.code) ? parsed.data
    : { type: '/problems/internal', title: 'The server gave an answer that is none of Sallyport', status: 500, instance: '', code: 'internal', detail: 'Check the address.' }
}

function safeJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

const isEventName = (name: string): name is TurnEventName => Object.hasOwn(turnEvents, name)

async function* eventsIn(response: IncomingMessage): AsyncIterable<TurnEvent> {
  response.setEncoding('utf8')
  let waiting = ''
  for await (const chunk of response) {
    waiting += String(chunk)
    const frames = waiting.split('\n\n')
    waiting = frames.pop() ?? ''
    for (const frame of frames) {
      const lines = frame.split('\n')
      const name = lines.find((line) => line.startsWith('event: '))?.slice(7) ?? ''
      const data = lines.find((line) => line.startsWith('data: '))?.slice(6) ?? ''
      if (isEventName(name)) yield { name, data: turnEvents[name].parse(JSON.parse(data)) } as TurnEvent
    }
  }
}
