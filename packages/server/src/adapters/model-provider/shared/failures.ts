import { EgressFailure, type EgressFailureKind } from '../../../ports/egress.ts'
import { ProviderFailure, type ProviderFailureKind } from '../../../ports/model-provider.ts'
import { isObject, type JsonObject } from './json.ts'
import type { Scrub } from './scrub.ts'

const MESSAGE_LENGTH = 500
const MAX_RETRY_SECONDS = 86_400

/** A vendor's own words for what went wrong, as a table of its adapter. They win over the usual meaning of a status, which may be a word itself (`'403'`). */
export type FailureWords = Readonly<Record<string, ProviderFailureKind>>

export interface VendorError { readonly words: readonly string[]; readonly message: string; readonly status: number | null; readonly retryAfterSeconds: number | null }

/** Reads the forms in use: `{error: {message, type, code, status, details}}`, the same in a list, and `{error: "text"}`. Null for anything else. */
export function readVendorError(body: unknown): VendorError | null {
  const holder: unknown = Array.isArray(body) ? body[0] : body
  const error = isObject(holder) ? holder['error'] : undefined
  if (typeof error === 'string') return { words: [], message: error, status: null, retryAfterSeconds: null }
  if (!isObject(error)) return null
  const details = Array.isArray(error['details']) ? error['details'].slice(0, 16).filter(isObject) : []
  const words = [...details.map((detail) => detail['reason']), error['code'], error['type'], error['status']].filter((word) => typeof word === 'string')
  return {
    words, status: typeof error['code'] === 'number' ? error['code'] : null,
    message: typeof error['message'] === 'string' ? error['message'] : '',
    retryAfterSeconds: details.map(({ retryDelay }) => readSeconds(retryDelay)).find((seconds) => seconds !== null) ?? null,
  }
}

/** Google's duration: `"34.07s"`. */
const readSeconds = (value: unknown) => {
  const seconds = typeof value === 'string' && /^\d{1,6}(\.\d+)?s$/.test(value) ? Math.ceil(Number.parseFloat(value)) : null
  return seconds === null ? null : Math.min(seconds, MAX_RETRY_SECONDS)
}

/** RFC 9110 section 10.2.3: seconds, or a date, which is measured against the answer's own `Date`. Null when absent or senseless. */
export function readRetryAfter(headers: Readonly<Record<string, string>>): number | null {
  const milliseconds = headers['retry-after-ms'] ?? ''
  if (/^\d{1,9}(\.\d+)?$/.test(milliseconds)) return Math.min(Math.ceil(Number(milliseconds) / 1_000), MAX_RETRY_SECONDS)
  const value = headers['retry-after'] ?? ''
  if (/^\d{1,9}$/.test(value)) return Math.min(Number(value), MAX_RETRY_SECONDS)
  const seconds = Math.ceil((Date.parse(value) - Date.parse(headers['date'] ?? '')) / 1_000)
  return seconds >= 0 ? Math.min(seconds, MAX_RETRY_SECONDS) : null
}

function kindOfStatus(status: number): ProviderFailureKind {
  if (status === 401 || status === 402 || status === 403) return 'rejected-credential'
  if (status === 404) return 'unknown-model'
  if (status === 408 || status === 504 || status === 524) return 'timeout'
  if (status === 429) return 'rate-limited'
  if (status >= 500) return 'failed'
  return status >= 400 ? 'refused-request' : 'invalid-answer'
}

export interface FailureContext { readonly words: FailureWords; readonly scrub: Scrub }

/** For an answer that is no success. `body` is what came with it, parsed or not. */
export function failureOfResponse(response: { readonly status: number; readonly headers: Readonly<Record<string, string>>; readonly body: unknown }, context: FailureContext): ProviderFailure {
  const { status, headers, body } = response
  const error = readVendorError(body)
  // A 404 without the vendor's own error comes from something else that listens there: a wrong base address, not a wrong model.
  const byStatus = status === 404 && error === null ? 'invalid-answer' : kindOfStatus(status)
  return failureOf(error, { kind: byStatus, status, retryAfterSeconds: readRetryAfter(headers) }, context)
}

/** For an error inside an answer that began as a success. */
export function failureInAnswer(body: JsonObject, context: FailureContext): ProviderFailure {
  const error = readVendorError(body)
  const kind = error !== null && error.status !== null && error.status >= 400 ? kindOfStatus(error.status) : 'failed'
  return failureOf(error, { kind, status: error?.status ?? 200, retryAfterSeconds: null }, context)
}

function failureOf(error: VendorError | null, found: { readonly kind: ProviderFailureKind; readonly status: number; readonly retryAfterSeconds: number | null }, { words, scrub }: FailureContext): ProviderFailure {
  const kind = [...error?.words ?? [], String(found.status)].map((word) => words[word]).find((known) => known !== undefined) ?? found.kind
  const retryAfterSeconds = found.retryAfterSeconds ?? error?.retryAfterSeconds ?? null
  const said = scrub([...error?.words ?? [], error?.message ?? ''].join(' ')).slice(0, MESSAGE_LENGTH)
  return new ProviderFailure(kind, `The vendor answered ${found.status}: ${said}`, retryAfterSeconds === null ? {} : { retryAfterSeconds })
}

const egressKinds = {
  'refused-address': 'unavailable', timeout: 'timeout', unreachable: 'unavailable', 'too-large': 'too-large', aborted: 'unavailable',
} as const satisfies Record<EgressFailureKind, ProviderFailureKind>

/** What a provider throws for whatever went wrong on the way: the signal's reason when it aborted, else a `ProviderFailure`. Anything else is a bug, and stays itself. */
export function toThrown(error: unknown, signal: AbortSignal): unknown {
  if (signal.aborted) return signal.reason
  return error instanceof EgressFailure ? new ProviderFailure(egressKinds[error.kind], error.message, { cause: error }) : error
}
