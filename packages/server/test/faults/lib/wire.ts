import { Agent, request as requestHttp, type IncomingMessage } from 'node:http'

/** A port of this machine with an API key. */
export interface Remote { readonly port: number; readonly key: string }
/** Where to send a request: a port of this machine with an API key or as nobody, or the administration socket, which counts no rates. */
export type Target = Remote | { readonly port: number; readonly key: null } | { readonly socketPath: string }

export interface Reply { readonly status: number; readonly body: unknown }

interface Sent {
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
  readonly signal?: AbortSignal
}

const agent = new Agent({ keepAlive: true, maxSockets: Number.POSITIVE_INFINITY })

/** Sends `METHOD /path`, and gives the answer as soon as its headers are there. Rejects when the connection breaks. */
export function open(target: Target, line: string, { body, headers = {}, signal }: Sent = {}): Promise<IncomingMessage> {
  const [method = 'GET', path = '/'] = line.split(' ')
  const text = body === undefined ? '' : JSON.stringify(body)
  return new Promise((resolve, reject) => {
    const sending = requestHttp({
      ...('socketPath' in target ? { socketPath: target.socketPath } : { host: '127.0.0.1', port: target.port, agent }),
      method, path, ...(signal !== undefined && { signal }),
      headers: {
        ...('key' in target && target.key !== null && { authorization: `Bearer ${target.key}` }),
        ...(text !== '' && { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(text)) }), ...headers,
      },
    })
    sending.once('response', resolve)
    sending.once('error', reject)
    sending.end(text)
  })
}

/** Sends `METHOD /path`, and gives the whole answer. */
export async function call(target: Target, line: string, sent: Sent = {}): Promise<Reply> {
  const response = await open(target, line, sent)
  const text = await textOf(response)
  return { status: response.statusCode ?? 0, body: text === '' ? null : parseOrText(text) }
}

/** The same for a call that must be taken. Throws with what the server said otherwise. */
export async function must(target: Target, line: string, body?: unknown): Promise<unknown> {
  const reply = await call(target, line, body === undefined ? {} : { body })
  if (reply.status >= 300) throw new Error(`${line} was answered ${reply.status}: ${JSON.stringify(reply.body)}`)
  return reply.body
}

export async function textOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of response as AsyncIterable<Buffer>) chunks.push(chunk)
  return Buffer.concat(chunks).toString('utf8')
}

function parseOrText(text: string): unknown {
  try { return JSON.parse(text) }
  catch { return text }
}

/** One server-sent event. */
export interface Frame { readonly id: string | null; readonly name: string; readonly data: string }

/** Cuts bytes into server-sent events (WHATWG HTML, section 9.2.6): an event counts from its blank line on, and what is cut off before it is dropped. */
export function createFrameReader() {
  const decoder = new TextDecoder('utf-8')
  let waiting = ''
  return {
    feed(bytes: Uint8Array): readonly Frame[] {
      waiting += decoder.decode(bytes, { stream: true })
      const pieces = waiting.split('\n\n')
      waiting = pieces.pop() ?? ''
      return pieces.map((piece) => {
        const lines = piece.split('\n')
        const field = (name: string) => lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2) ?? null
        return { id: field('id'), name: field('event') ?? '', data: field('data') ?? '' }
      })
    },
  }
}
