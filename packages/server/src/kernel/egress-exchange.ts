import type { Dispatcher } from 'undici'
import { EgressFailure, type EgressBody, type EgressResponse } from '../ports/egress.ts'

/** Bytes that wait for the reader before the sender is held back, and when it may go on. */
const HIGH_WATER_BYTES = 65_536
/** What may still come, and for how long, after the reader left: enough for the last chunk's end, too little to pay for an answer. */
const LEFTOVER_BYTES = 65_536
const LEFTOVER_MILLISECONDS = 250

export interface ExchangeRules {
  readonly totalSeconds: number
  readonly firstByteSeconds: number
  readonly idleSeconds: number
  readonly responseBytes: number
}
type Step = IteratorResult<Uint8Array>
interface Waiter { readonly resolve: (step: Step) => void; readonly reject: (error: Error) => void }
const DONE: Step = Object.freeze({ done: true, value: undefined })

/**
 * One request on undici's bare dispatch, and the body of its answer. Written by hand because it is the hot path of every streamed
 * chunk: a web stream costs ten times as much.
 */
export class Exchange implements Dispatcher.DispatchHandler, EgressBody {
  readonly response: Promise<EgressResponse>
  readonly #origin: string
  readonly #signal: AbortSignal
  readonly #rules: ExchangeRules
  readonly #started = Promise.withResolvers<EgressResponse>()
  readonly #timer: NodeJS.Timeout
  readonly #chunks: Uint8Array[] = []
  #controller: Dispatcher.DispatchController | undefined
  #leftoverTimer: NodeJS.Timeout | undefined
  /** Runs while the other side owes the next byte. undici's own timers count ticks and not time, and come late on a busy machine. */
  #patience: NodeJS.Timeout | undefined
  #waiter: Waiter | undefined
  #failure: EgressFailure | undefined
  #queuedBytes = 0
  #receivedBytes = 0
  #open = true
  #left = false

  constructor(origin: string, signal: AbortSignal, rules: ExchangeRules) {
    this.#origin = origin
    this.#signal = signal
    this.#rules = rules
    this.response = this.#started.promise
    this.#timer = setTimeout(() => this.#fail(new EgressFailure('timeout', `${origin} took longer than ${rules.totalSeconds} s in all.`)), rules.totalSeconds * 1_000)
    signal.addEventListener('abort', this.#onAbort)
    if (signal.aborted) this.#onAbort()
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller
    if (!this.#open) controller.abort(this.#failure ?? left())
    else this.#waitFor('first byte', this.#rules.firstByteSeconds)
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: Record<string, string | string[] | undefined>): void {
    if (status < 200 || !this.#open) return
    if (Number(headers['content-length']) > this.#rules.responseBytes) return this.#failAsTooLarge()
    this.#waitFor('next byte', this.#rules.idleSeconds)
    this.#started.resolve({ status, headers: toPlainHeaders(headers), body: this })
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Uint8Array): void {
    if (!this.#open) return
    this.#patience?.refresh()
    this.#receivedBytes += chunk.byteLength
    if (this.#receivedBytes > this.#rules.responseBytes) return this.#failAsTooLarge()
    if (this.#left) {
      this.#queuedBytes += chunk.byteLength
      if (this.#queuedBytes > LEFTOVER_BYTES) this.#fail(left())
      return
    }
    if (this.#waiter !== undefined) {
      const { resolve } = this.#waiter
      this.#waiter = undefined
      return resolve({ done: false, value: chunk })
    }
    this.#chunks.push(chunk)
    this.#queuedBytes += chunk.byteLength
    if (this.#queuedBytes > HIGH_WATER_BYTES) controller.pause()
  }

  onResponseEnd(): void {
    this.#settle()
    this.#waiter?.resolve(DONE)
    this.#waiter = undefined
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.refuse(error)
  }

  /** Ends the exchange with what undici threw, before or after it began. */
  refuse(error: unknown): void {
    if (this.#open) this.#fail(toEgressFailure(error, this.#origin))
  }

  [Symbol.asyncIterator](): this { return this }

  next(): Promise<Step> {
    const [first] = this.#chunks
    if (first !== undefined) {
      // What came in one burst is given out as one: each step of the way then runs once.
      const value = this.#chunks.length === 1 ? first : Buffer.concat(this.#chunks)
      this.#chunks.length = 0
      this.#queuedBytes = 0
      if (this.#controller?.paused === true) this.#controller.resume()
      return Promise.resolve({ done: false, value })
    }
    if (this.#failure !== undefined) return Promise.reject(this.#failure)
    if (!this.#open || this.#left) return Promise.resolve(DONE)
    return new Promise((resolve, reject) => { this.#waiter = { resolve, reject } })
  }

  return(): Promise<Step> {
    if (!this.#open || this.#left) return Promise.resolve(DONE)
    this.#left = true
    this.#chunks.length = 0
    this.#queuedBytes = 0
    this.#leftoverTimer = setTimeout(() => this.#fail(left()), LEFTOVER_MILLISECONDS)
    if (this.#controller?.paused === true) this.#controller.resume()
    return Promise.resolve(DONE)
  }

  throw(): Promise<Step> {
    this.#left = true
    this.#chunks.length = 0
    if (this.#open) this.#fail(left())
    return Promise.resolve(DONE)
  }

  readonly #onAbort = (): void => {
    this.#chunks.length = 0
    this.#fail(new EgressFailure('aborted', `The call to ${this.#origin} was stopped.`, { cause: this.#signal.reason }))
  }

  #waitFor(what: string, seconds: number): void {
    clearTimeout(this.#patience)
    this.#patience = setTimeout(() => {
      // Held back by our own reader: the other side owes nothing.
      if (this.#controller?.paused === true) this.#patience?.refresh()
      else this.#fail(new EgressFailure('timeout', `${this.#origin} took longer than ${seconds} s to its ${what}.`))
    }, seconds * 1_000)
  }

  #failAsTooLarge(): void {
    this.#fail(new EgressFailure('too-large', `${this.#origin} answered with more than ${this.#rules.responseBytes} bytes.`))
  }

  #fail(failure: EgressFailure): void {
    if (!this.#open) return
    this.#settle()
    this.#failure = failure
    this.#started.reject(failure)
    this.#waiter?.reject(failure)
    this.#waiter = undefined
    this.#controller?.abort(failure)
  }

  #settle(): void {
    this.#open = false
    clearTimeout(this.#timer)
    clearTimeout(this.#patience)
    clearTimeout(this.#leftoverTimer)
    this.#signal.removeEventListener('abort', this.#onAbort)
  }
}

const left = () => new EgressFailure('aborted', 'The reader left before the end.')

function toPlainHeaders(headers: Record<string, string | string[] | undefined>): Record<string, string> {
  const plain: Record<string, string> = {}
  for (const name in headers) {
    const value = headers[name]
    if (value !== undefined) plain[name] = typeof value === 'string' ? value : value.join(', ')
  }
  return plain
}

const TIMEOUT_CODES: ReadonlySet<string> = new Set(['UND_ERR_CONNECT_TIMEOUT', 'UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT', 'ETIMEDOUT'])
const MESSAGE_LENGTH = 200

/** Keeps the code and the words, and nothing that carries bytes of the request or the answer. */
function toEgressFailure(error: unknown, origin: string): EgressFailure {
  if (error instanceof EgressFailure) return error
  if (!(error instanceof Error)) return new EgressFailure('unreachable', `${origin}: the connection failed.`)
  if (error instanceof AggregateError && error.errors.length > 0) {
    const failures = error.errors.map((one) => toEgressFailure(one, origin))
    return failures.find(({ kind }) => kind === 'refused-address') ?? failures[0] ?? new EgressFailure('unreachable', origin)
  }
  const code = 'code' in error ? String(error.code) : error.name
  const kind = TIMEOUT_CODES.has(code) ? 'timeout' : code === 'UND_ERR_HEADERS_OVERFLOW' ? 'too-large' : 'unreachable'
  return new EgressFailure(kind, `${origin}: ${code}: ${error.message.slice(0, MESSAGE_LENGTH)}`)
}
