import { expect, test } from 'vitest'
import { Secret } from '../../../kernel/secret.ts'
import type { ModelEvent } from '../../../ports/model-provider.ts'
import { exchange, fullRequest } from '../../../testing/provider-fixture.ts'
import { playBack } from '../../../testing/recorded-egress.ts'
import { openRouter } from './index.ts'

const file = new URL('__fixtures__/failing-behind.txt', import.meta.url)

test('a vendor behind that fails in the middle keeps its own kind of failure, after the words that came', async () => {
  await expect(exchange({ descriptor: openRouter, file, contentType: 'text/event-stream', request: fullRequest })).rejects.toMatchObject({ name: 'ProviderFailure', kind: 'rate-limited' })
})

const refused = (status: number, body: unknown) => {
  const provider = openRouter.create(openRouter.config.parse({ credential: new Secret('sk-or-1') }), { fetchConfigured: playBack({ status, contentType: 'application/json', chunks: [Buffer.from(JSON.stringify(body))] }) })
  const read = async () => { const events: ModelEvent[] = []; for await (const event of provider.stream(fullRequest, new AbortController().signal)) events.push(event); return events }
  return read()
}

test.each([
  [402, 'rejected-credential', 'Insufficient credits'], [403, 'refused-request', 'Your input was flagged by the moderation'], [404, 'unknown-model', 'No endpoints found'],
  [408, 'timeout', 'Request timed out'], [429, 'rate-limited', 'Rate limited'], [502, 'failed', 'Provider returned error'], [503, 'failed', 'No provider'],
] as const)('the status %i is told as %s', async (status, kind, message) => {
  await expect(refused(status, { error: { code: status, message } })).rejects.toMatchObject({ kind })
})

test('an error that comes as a success is an error', async () => {
  await expect(refused(200, { error: { code: 502, message: 'Provider returned error' }, user_id: 'u' })).rejects.toMatchObject({ kind: 'failed' })
})

test('the effort is asked for in its own form', async () => {
  let sent = ''
  const provider = openRouter.create(openRouter.config.parse({ credential: new Secret('sk-or-1') }), { fetchConfigured: (request) => { sent = Buffer.from(request.body ?? '').toString('utf8'); expect(request.url.href).toBe('https://openrouter.ai/api/v1/chat/completions'); return Promise.reject(new Error('enough')) } })
  await expect(provider.stream(fullRequest, new AbortController().signal)[Symbol.asyncIterator]().next()).rejects.toThrow('enough')
  expect(JSON.parse(sent)).toMatchObject({ reasoning: { effort: 'medium' }, max_tokens: 99 })
})
