import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { vendorAnthropic } from './vendor-anthropic.ts'
import { vendorGemini } from './vendor-gemini.ts'
import { vendorOllama } from './vendor-ollama.ts'
import { vendorOpenAi, vendorOpenAiCompatible } from './vendor-openai.ts'
import { vendorOpenRouter } from './vendor-openrouter.ts'
import { completeScript, type BadDay, type VendorRequest, type VendorScript, type VendorWire } from './vendor-script.ts'

export const vendorWires = {
  openai: vendorOpenAi,
  'openai-compatible': vendorOpenAiCompatible,
  openrouter: vendorOpenRouter,
  gemini: vendorGemini,
  anthropic: vendorAnthropic,
  ollama: vendorOllama,
} as const satisfies Record<string, VendorWire>
export type VendorName = keyof typeof vendorWires

export interface VendorScenario {
  /** What the model says; by default a sentence that repeats the question. */
  readonly script?: VendorScript | ((request: VendorRequest) => VendorScript)
  /** How it misbehaves. A function may choose by the call. */
  readonly day?: BadDay | null | ((request: VendorRequest, call: number) => BadDay | null)
  /** Waits between two frames of a stream, and before the first byte. 0 sends frame after frame. */
  readonly paceMilliseconds?: number
  readonly firstByteMilliseconds?: number
  /** Each answer waits for it. */
  readonly gate?: () => Promise<void>
  /** The one credential that is taken. Without it every call is. */
  readonly credential?: string
  /** Which credentials are taken, where there are several. */
  readonly takes?: (credential: string) => boolean
  readonly models?: readonly string[]
}

export interface VendorServer {
  /** The address up to the port. What stands behind it depends on the vendor, see `baseUrl`. */
  readonly url: string
  /** What an administrator would enter. */
  readonly baseUrl: string
  /** Every call so far. */
  readonly requests: readonly VendorRequest[]
  /** Calls whose answer is still under way, and open connections. */
  open(): { readonly answers: number; readonly connections: number }
  /** How many answers were left by their reader before the end. */
  readonly left: () => number
  close(): Promise<void>
}

const BASE_PATHS: Readonly<Record<VendorName, string>> = { openai: '/v1', 'openai-compatible': '/v1', openrouter: '/api/v1', gemini: '/v1beta', anthropic: '', ollama: '' }
const MAX_BODY_BYTES = 33_554_432
const HUGE_FRAME = 4_194_304
const ENDLESS_FRAMES = 1_000_000

const repeatQuestion = ({ question }: VendorRequest): VendorScript => ({ text: `You said: ${question}`.split(/(?<= )/) })

/** A local server that speaks a vendor's wire, on a port of its own. */
export async function startVendorServer(name: VendorName, scenario: VendorScenario = {}): Promise<VendorServer> {
  const wire: VendorWire = vendorWires[name]
  const requests: VendorRequest[] = []
  const sockets = new Set<Socket>()
  let answers = 0
  let left = 0
  const server = createServer((request, response) => {
    answers += 1
    response.on('close', () => { answers -= 1; if (!response.writableFinished) left += 1 })
    handle(request, response).catch(() => response.destroy())
  })
  server.on('connection', (socket) => { sockets.add(socket); socket.on('close', () => sockets.delete(socket)) })

  const handle = async (request: IncomingMessage, response: ServerResponse) => {
    const headers = Object.fromEntries(Object.entries(request.headers).map(([key, value]) => [key, String(value)]))
    const path = request.url ?? '/'
    const text = await readBody(request)
    const body: unknown = text === '' ? null : parseOrNull(text)
    const read = wire.readRequest(path, body)
    const seen: VendorRequest = { method: request.method ?? 'GET', path, headers, body, ...(read === null || typeof read === 'string' ? { model: '', streamed: false, choices: 1, question: '' } : read) }
    requests.push(seen)
    const day = typeof scenario.day === 'function' ? scenario.day(seen, requests.length) : scenario.day ?? null
    if (scenario.firstByteMilliseconds !== undefined) await wait(scenario.firstByteMilliseconds)
    const misbehave = day === null ? undefined : earlyDays[day]
    if (misbehave !== undefined) return misbehave({ wire, seen, response })
    if (scenario.takes?.(wire.readCredential(headers)) === false) return sendError(response, { status: 401, wire, message: 'Incorrect API key provided.' })
    if (scenario.credential !== undefined && wire.readCredential(headers) !== scenario.credential) return sendError(response, { status: 401, wire, message: 'Incorrect API key provided.' })
    const listed = path.split('?', 1)[0] === wire.modelsPath && request.method === 'GET'
    if (listed) return sendJson(response, 200, wire.models(scenario.models ?? ['model-a', 'model-b']))
    if (read === null) return sendError(response, { status: 404, wire, message: `Invalid URL (${seen.method} ${path})` })
    if (typeof read === 'string') return sendError(response, { status: 400, wire, message: read })
    const script = typeof scenario.script === 'function' ? scenario.script(seen) : scenario.script ?? repeatQuestion(seen)
    await scenario.gate?.()
    await answer(response, { wire, seen, day, script, paceMilliseconds: scenario.paceMilliseconds ?? 0 })
  }

  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const url = `http://127.0.0.1:${port}`
  return {
    url, baseUrl: url + BASE_PATHS[name], requests, left: () => left,
    open: () => ({ answers, connections: sockets.size }),
    async close() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

interface Answering { readonly wire: VendorWire; readonly seen: VendorRequest; readonly day: BadDay | null; readonly script: VendorScript; readonly paceMilliseconds: number }

async function answer(response: ServerResponse, { wire, seen, day, script, paceMilliseconds }: Answering): Promise<void> {
  const full = completeScript(day === 'missing-finish' ? { ...script, finish: null, more: (script.more ?? []).map((choice) => ({ ...choice, finish: null })) } : script, seen.choices)
  const type = day === 'wrong-type' ? 'text/html' : seen.streamed ? wire.streamType : 'application/json'
  response.writeHead(200, { 'content-type': type, 'x-request-id': 'req_vendor', ...(day === 'compressed' && { 'content-encoding': 'gzip' }) })
  if (!seen.streamed) return sendWhole(response, JSON.stringify(wire.whole(full, seen.model)), day)
  const frames = spoil(wire.stream(full, seen.model), day, wire)
  const middle = Math.floor(frames.length / 2)
  for (const [index, frame] of frames.entries()) {
    if (response.destroyed) return
    if (index === middle && day === 'hang-midway') return
    if (index === middle && (day === 'half-a-chunk' || day === 'reset-midway')) {
      response.write(frame.slice(0, Math.floor(frame.length / 2)))
      await wait(20)
      if (day === 'reset-midway') response.socket?.resetAndDestroy()
      else response.end()
      return
    }
    if (!response.write(frame)) await drained(response)
    if (paceMilliseconds > 0) await wait(paceMilliseconds)
  }
  if (day === 'endless') await sendForever(response, frames[middle] ?? '')
  response.end()
}

async function sendForever(response: ServerResponse, frame: string): Promise<void> {
  for (let sent = 0; sent < ENDLESS_FRAMES && !response.destroyed; sent += 1) {
    if (!response.write(frame)) await drained(response)
  }
}

function spoil(frames: readonly string[], day: BadDay | null, wire: VendorWire): readonly string[] {
  const middle = Math.floor(frames.length / 2)
  const put = (frame: string) => [...frames.slice(0, middle), frame, ...frames.slice(middle)]
  switch (day) {
    case 'wrong-json': return put(wire.unknownFrame().replace('{', '{"unfinished": [') )
    case 'wrong-shape': return put(frames.find((frame) => frame.includes('{'))?.replace(/\{.*\}/s, '[1, "two", {"three": null}]') ?? '')
    case 'huge-frame': return put(wire.unknownFrame().replace('{', `{"padding":"${'x'.repeat(HUGE_FRAME)}",`))
    case 'error-midway': return [...frames.slice(0, middle), wire.errorFrame('The engine is overloaded.')]
    case 'unknown-events': return frames.flatMap((frame) => [wire.unknownFrame(), frame])
    // Left before the stream's end mark, so that it never comes to an end of its own.
    case 'endless': return frames.slice(0, middle + 1)
    case null: case 'hang': case 'hang-midway': case 'reset': case 'reset-midway': case 'half-a-chunk': case 'unauthorised': case 'rate-limited': case 'server-error':
    case 'server-error-html': case 'unknown-model': case 'wrong-type': case 'missing-finish': case 'redirect': case 'compressed': case 'not-http': return frames
  }
}

type SendWhole = (response: ServerResponse, text: string) => Promise<void> | void
const halfOf = (text: string) => text.slice(0, Math.floor(text.length / 2))
const sendHalf: SendWhole = (response, text) => { response.end(halfOf(text)) }
const sendSpaces: SendWhole = (response) => sendForever(response, ' '.repeat(65_536))

/** The days that spoil a whole answer. */
const wholeDays: Partial<Readonly<Record<BadDay, SendWhole>>> = {
  'hang-midway': (response, text) => { response.write(halfOf(text)) },
  'reset-midway': async (response, text) => { response.write(halfOf(text)); await wait(20); response.socket?.resetAndDestroy() },
  'half-a-chunk': sendHalf, 'wrong-json': sendHalf, 'error-midway': sendHalf,
  'wrong-shape': (response) => { response.end('[1, "two", {"three": null}]') },
  'huge-frame': sendSpaces, endless: sendSpaces,
}

async function sendWhole(response: ServerResponse, text: string, day: BadDay | null): Promise<void> {
  const spoilt = day === null ? undefined : wholeDays[day]
  if (spoilt === undefined) response.end(text)
  else await spoilt(response, text)
}

interface Misbehaving { readonly wire: VendorWire; readonly seen: VendorRequest; readonly response: ServerResponse }

/** The days on which no answer begins. */
const earlyDays: Partial<Readonly<Record<BadDay, (call: Misbehaving) => void>>> = {
  hang: () => {},
  reset: ({ response }) => { response.socket?.resetAndDestroy() },
  'not-http': ({ response }) => { response.socket?.end('SSH-2.0-OpenSSH_9.2\r\n') },
  unauthorised: ({ wire, seen, response }) => sendError(response, { status: 401, wire, message: `Incorrect API key provided: ${wire.readCredential(seen.headers)}. You can find your API key in your account.` }),
  'unknown-model': ({ wire, seen, response }) => sendError(response, { status: 404, wire, message: `The model \`${seen.model}\` does not exist or you do not have access to it.` }),
  'rate-limited': ({ wire, response }) => { response.setHeader('retry-after', '7'); sendError(response, { status: 429, wire, message: 'Rate limit reached.' }) },
  'server-error': ({ wire, response }) => sendError(response, { status: 500, wire, message: 'The server had an error while processing your request.' }),
  'server-error-html': ({ response }) => { response.writeHead(502, { 'content-type': 'text/html' }).end('<html><h1>502 Bad Gateway</h1></html>') },
  redirect: ({ response }) => { response.writeHead(307, { location: '/v1/elsewhere' }).end() },
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.byteLength
    if (bytes > MAX_BODY_BYTES) throw new Error('The request is too large for a test.')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function parseOrNull(text: string): unknown {
  try { return JSON.parse(text) }
  catch { return null }
}

/** Until its reader has taken what was written, or has left. */
const drained = (response: ServerResponse) => new Promise<void>((resolve) => {
  const done = () => { response.off('drain', done); response.off('close', done); resolve() }
  response.on('drain', done)
  response.on('close', done)
})
const wait = (milliseconds: number) => new Promise<void>((resolve) => { setTimeout(resolve, milliseconds) })
const sendJson = (response: ServerResponse, status: number, body: unknown) => { response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body)) }
const sendError = (response: ServerResponse, { status, wire, message }: { readonly status: number; readonly wire: VendorWire; readonly message: string }) => sendJson(response, status, wire.error(status, message))
