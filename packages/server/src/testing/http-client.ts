import { Agent, request as startRequest, type IncomingMessage } from 'node:http'
import { connect } from 'node:net'

/** A header may be given more than once, as a hostile client does. */
export type SentHeaders = Readonly<Record<string, string | readonly string[] | undefined>>

export interface HttpRequest {
  readonly port: number
  readonly method?: string
  readonly path: string
  readonly headers?: SentHeaders
  /** An object is sent as JSON; text and bytes as they are, without a media type of their own. */
  readonly body?: unknown
  /** The loopback address to call from: each counts as a client of its own. */
  readonly from?: string
  readonly socketPath?: string
}

export interface HttpReply {
  readonly status: number
  /** Lower-case names; a repeated one is joined. */
  readonly headers: Readonly<Record<string, string>>
  readonly text: string
  /** The body as JSON; null when it is none. */
  readonly json: unknown
}

const agent = new Agent({ keepAlive: true, maxSockets: 512 })

/** One HTTP call to a server of the test's own, with every header under the test's control. */
export async function callHttp(request: HttpRequest): Promise<HttpReply> {
  const response = await beginHttp(request).response
  const chunks: Buffer[] = []
  for await (const chunk of response as AsyncIterable<Buffer>) chunks.push(chunk)
  return toReply(response, Buffer.concat(chunks).toString('utf8'))
}

export interface BegunCall {
  readonly response: Promise<IncomingMessage>
  /** Leaves: the connection is closed at once. */
  leave(): void
}

/** Begins a call and leaves the reading of its answer to the caller. */
export function beginHttp({ port, method = 'GET', path, headers = {}, body, from, socketPath }: HttpRequest): BegunCall {
  const isPlain = body === undefined || typeof body === 'string' || body instanceof Uint8Array
  const bytes = body === undefined ? null : isPlain ? Buffer.from(body as string) : Buffer.from(JSON.stringify(body))
  const sent: Record<string, string | string[]> = {}
  if (!isPlain) sent['content-type'] = 'application/json'
  for (const [name, value] of Object.entries(headers)) if (value !== undefined) sent[name] = typeof value === 'string' ? value : [...value]
  if (bytes !== null && sent['content-length'] === undefined && sent['transfer-encoding'] === undefined) sent['content-length'] = String(bytes.byteLength)
  const request = startRequest({
    ...(socketPath === undefined ? { host: '127.0.0.1', port, agent } : { socketPath }), method, path, headers: sent,
    ...(from !== undefined && { localAddress: from, agent: false }), setDefaultHeaders: true,
  })
  const response = new Promise<IncomingMessage>((resolve, reject) => {
    request.once('response', resolve)
    request.once('error', reject)
  })
  // Who left does not wait for an answer any more.
  response.catch(() => undefined)
  request.end(bytes ?? undefined)
  return { response, leave: () => { request.destroy() } }
}

function toReply(response: IncomingMessage, text: string): HttpReply {
  const headers = Object.fromEntries(Object.entries(response.headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : String(value)]))
  return { status: response.statusCode ?? 0, headers, text, json: parseOrNull(text) }
}

function parseOrNull(text: string): unknown {
  try { return JSON.parse(text) }
  catch { return null }
}

/** One server-sent event. */
export interface SentEvent { readonly id: string | null; readonly name: string; readonly data: unknown }

/** Reads server-sent events as they come (WHATWG HTML, section 9.2), as far as this server writes them. */
export async function* readEvents(response: IncomingMessage): AsyncGenerator<SentEvent, void, undefined> {
  let waiting = ''
  response.setEncoding('utf8')
  for await (const chunk of response as AsyncIterable<string>) {
    waiting += chunk
    for (let end = waiting.indexOf('\n\n'); end >= 0; end = waiting.indexOf('\n\n')) {
      yield toEvent(waiting.slice(0, end))
      waiting = waiting.slice(end + 2)
    }
  }
}

/** All events of a text that has come whole. */
export const eventsIn = (text: string): readonly SentEvent[] => text.split('\n\n').filter((frame) => frame !== '').map(toEvent)

function toEvent(frame: string): SentEvent {
  let id: string | null = null
  let name = 'message'
  let data = ''
  for (const line of frame.split('\n')) {
    if (line.startsWith('id: ')) id = line.slice(4)
    else if (line.startsWith('event: ')) name = line.slice(7)
    else if (line.startsWith('data: ')) data += line.slice(6)
  }
  return { id, name, data: parseOrNull(data) }
}

/**
 * Sends bytes as they are over a bare connection, in pieces, and gives back all that comes until the server closes, or until
 * `patienceMilliseconds` have passed without its closing.
 */
export async function sendRaw(port: number, pieces: readonly (string | Uint8Array)[], patienceMilliseconds = 1_500): Promise<{ readonly text: string; readonly closed: boolean }> {
  const socket = connect({ host: '127.0.0.1', port, allowHalfOpen: true })
  const chunks: Buffer[] = []
  return new Promise((resolve) => {
    const finish = (closed: boolean) => {
      clearTimeout(timer)
      socket.destroy()
      resolve({ text: Buffer.concat(chunks).toString('latin1'), closed })
    }
    const timer = setTimeout(() => { finish(false) }, patienceMilliseconds)
    socket.on('data', (chunk: Buffer) => { chunks.push(chunk) })
    socket.on('error', () => { finish(true) })
    socket.on('end', () => { finish(true) })
    socket.on('connect', () => { for (const piece of pieces) socket.write(piece) })
  })
}
