import { describe, expect, test } from 'vitest'
import { EgressFailure } from '../../../ports/egress.ts'
import { ProviderFailure } from '../../../ports/model-provider.ts'
import { failureInAnswer, failureOfResponse, readRetryAfter, toThrown } from './failures.ts'

const context = { words: { quota: 'rate-limited', 418: 'refused-request' }, scrub: (text: string) => text } as const

test.each([
  [{ 'retry-after': '7' }, 7], [{ 'retry-after': '0' }, 0], [{ 'retry-after': '99999999' }, 86_400], [{ 'retry-after-ms': '1200' }, 2], [{ 'retry-after-ms': 'x', 'retry-after': '3' }, 3],
  [{ 'retry-after': 'Sat, 21 Nov 2026 08:00:30 GMT', date: 'Sat, 21 Nov 2026 08:00:00 GMT' }, 30], [{ 'retry-after': 'Sat, 21 Nov 2026 08:00:00 GMT', date: 'Sat, 21 Nov 2026 08:00:30 GMT' }, null],
  [{ 'retry-after': 'Sat, 21 Nov 2026 08:00:30 GMT' }, null], [{ 'retry-after': '-1' }, null], [{ 'retry-after': '1e9' }, null], [{ 'retry-after': 'soon' }, null], [{}, null],
])('%j means %s seconds', (headers, seconds) => {
  expect(readRetryAfter(headers)).toBe(seconds)
})

describe('a failure', () => {
  test.each([
    [{ error: { type: 'quota', code: null } }, 500, 'rate-limited'], [{ error: { code: 'quota' } }, 400, 'rate-limited'], [{ error: { message: 'no' } }, 418, 'refused-request'],
    [{ error: 'text' }, 404, 'unknown-model'], [{ detail: 'Not Found' }, 404, 'invalid-answer'], [null, 404, 'invalid-answer'], [null, 500, 'failed'], [null, 402, 'rejected-credential'], [null, 524, 'timeout'],
    ['text', 302, 'invalid-answer'], [[], 429, 'rate-limited'], [{ error: [] }, 409, 'refused-request'], [{ error: { details: 'x' } }, 503, 'failed'],
  ])('%j with %i is %s', (body, status, kind) => {
    expect(failureOfResponse({ status, headers: {}, body }, context)).toMatchObject({ kind, retryAfterSeconds: undefined })
  })

  test('inside an answer takes a number for a status, and is otherwise the vendor’s own trouble', () => {
    expect(failureInAnswer({ error: { code: 401 } }, context).kind).toBe('rejected-credential')
    expect(failureInAnswer({ error: { code: 7 } }, context).kind).toBe('failed')
    expect(failureInAnswer({ error: {} }, context).kind).toBe('failed')
  })

  test('keeps a bounded piece of the vendor’s words', () => {
    expect(failureOfResponse({ status: 500, headers: {}, body: { error: { message: 'x'.repeat(100_000) } } }, context).message.length).toBeLessThan(600)
  })
})

test('an abort is the signal’s reason, a failure on the way is the provider’s, and a bug stays a bug', () => {
  const reason = new Error('stop')
  const bug = new TypeError('bug')
  const failure = new EgressFailure('timeout', 'slow')
  expect(toThrown(failure, AbortSignal.abort(reason))).toBe(reason)
  expect(toThrown(failure, new AbortController().signal)).toMatchObject({ kind: 'timeout', cause: failure })
  expect(toThrown(bug, new AbortController().signal)).toBe(bug)
  const own = new ProviderFailure('invalid-answer', 'x')
  expect(toThrown(own, new AbortController().signal)).toBe(own)
})
