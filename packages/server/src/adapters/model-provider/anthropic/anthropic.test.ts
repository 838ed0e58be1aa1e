import { expect, test } from 'vitest'
import { Secret } from '../../../kernel/secret.ts'
import type { EgressRequest } from '../../../ports/egress.ts'
import { exchange, fullRequest, weatherSchema } from '../../../testing/provider-fixture.ts'
import { playBack } from '../../../testing/recorded-egress.ts'
import { anthropic } from './index.ts'

const file = new URL('__fixtures__/thinking-and-tools.txt', import.meta.url)
const ask = (request = fullRequest, settings = {}) => exchange({ descriptor: anthropic, file, contentType: 'text/event-stream; charset=utf-8', request, settings })

test('a request becomes messages, and its stream thinking, words and a tool call', async () => {
  const { request, body, events } = await ask()
  expect(request).toMatchObject({ method: 'POST', headers: { 'x-api-key': 'sk-fixture', 'anthropic-version': '2023-06-01', 'x-request-id': 'req-7' } })
  expect(request.url.href).toBe('https://api.anthropic.com/v1/messages')
  expect(body).toEqual({
    model: 'model-a', max_tokens: 99, stream: true, system: 'Be brief.',
    messages: [
      { role: 'user', content: [{ type: 'text', text: 'Weather in Bern and Chur?' }] },
      { role: 'assistant', content: [{ type: 'text', text: 'I look.' }, { type: 'tool_use', id: 'call_1', name: 'get_weather', input: { town: 'Bern' } }, { type: 'tool_use', id: 'call_2', name: 'get_weather', input: { town: 'Chur' } }] },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'call_1', content: 'sun' }, { type: 'tool_result', tool_use_id: 'call_2', content: 'rain' }, { type: 'text', text: 'So?' }] },
    ],
    tools: [{ name: 'get_weather', description: 'The weather of a town', input_schema: weatherSchema }],
    tool_choice: { type: 'tool', name: 'get_weather', disable_parallel_tool_use: true },
    temperature: 1, stop_sequences: ['END'], output_config: { effort: 'medium', format: { type: 'json_schema', schema: weatherSchema } },
  })
  expect(events).toEqual([
    { type: 'reasoning-delta', choice: 0, text: 'Two towns.' }, { type: 'text-delta', choice: 0, text: 'I look.' },
    { type: 'tool-call-delta', choice: 0, index: 0, id: 'toolu_01T1', name: 'get_weather', argumentsText: '' },
    { type: 'tool-call-delta', choice: 0, index: 0, argumentsText: '{"town": "Be' }, { type: 'tool-call-delta', choice: 0, index: 0, argumentsText: 'rn"}' },
    { type: 'finish', choice: 0, reason: 'tool-calls' }, { type: 'usage', inputTokens: 4_322, outputTokens: 89 },
  ])
})

test('an answer has a length even where none is asked for, and JSON is asked for in words', async () => {
  const { body } = await ask({ ...fullRequest, options: { responseFormat: { type: 'json' }, topP: 0.5, stop: [' '] } }, { maxOutputTokens: 777 })
  expect(body).toMatchObject({ max_tokens: 777, system: 'Be brief.\n\nAnswer with one JSON object and nothing else.', top_p: 0.5 })
  expect(body).not.toHaveProperty('stop_sequences')
  expect(body).not.toHaveProperty('output_config')
})

test('arguments that a model once wrote wrongly still go along', async () => {
  const { body } = await ask({ ...fullRequest, messages: [{ role: 'user', text: 'x' }, { role: 'assistant', text: '', toolCalls: [{ id: 'a', name: 'f', argumentsText: '{"half' }, { id: 'b', name: 'g', argumentsText: '[1]' }] }, { role: 'tool', toolCallId: 'a', text: '' }, { role: 'tool', toolCallId: 'b', text: '' }] })
  expect(body).toMatchObject({ messages: [{}, { content: [{ input: { unreadableArguments: '{"half' } }, { input: { unreadableArguments: '[1]' } }] }, {}] })
})

test.each([
  [400, 'invalid_request_error', 'refused-request'], [401, 'authentication_error', 'rejected-credential'], [402, 'billing_error', 'rejected-credential'], [403, 'permission_error', 'rejected-credential'],
  [404, 'not_found_error', 'unknown-model'], [413, 'request_too_large', 'refused-request'], [429, 'rate_limit_error', 'rate-limited'], [500, 'api_error', 'failed'], [504, 'timeout_error', 'timeout'], [529, 'overloaded_error', 'failed'],
] as const)('%i %s is told as %s, before an answer and inside one', async (status, type, kind) => {
  const body = JSON.stringify({ type: 'error', error: { type, message: 'No.' }, request_id: 'req_1' })
  for (const recording of [{ status, contentType: 'application/json', chunks: [Buffer.from(body)] }, { contentType: 'text/event-stream', chunks: [Buffer.from(`event: error\ndata: ${body}\n\n`)] }]) {
    const provider = anthropic.create(anthropic.config.parse({ credential: new Secret('sk-ant-1') }), { fetchConfigured: playBack(recording) })
    await expect(provider.stream(fullRequest, new AbortController().signal)[Symbol.asyncIterator]().next()).rejects.toMatchObject({ kind })
  }
})

test('the list of models is read page after page', async () => {
  const asked: string[] = []
  const pages = [{ data: [{ id: 'a', display_name: 'A' }], has_more: true, last_id: 'a' }, { data: [{ id: 'b', display_name: 'B' }, { id: 'a', display_name: 'again' }], has_more: true, last_id: 'b' }, { data: [{ id: 'c', display_name: '' }], has_more: false, last_id: 'c' }]
  const fetchConfigured = (request: EgressRequest) => { asked.push(request.url.search); return playBack({ contentType: 'application/json', chunks: [Buffer.from(JSON.stringify(pages[asked.length - 1]))] })(request) }
  const provider = anthropic.create(anthropic.config.parse({ credential: new Secret('sk-ant-1') }), { fetchConfigured })
  expect(await provider.listModels(new AbortController().signal)).toEqual([{ id: 'a', name: 'A' }, { id: 'b', name: 'B' }, { id: 'c', name: 'c' }])
  expect(asked).toEqual(['?limit=1000', '?limit=1000&after_id=a', '?limit=1000&after_id=b'])
})
