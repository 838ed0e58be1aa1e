import { expect, test } from 'vitest'
import type { ModelEvent } from '../../../ports/model-provider.ts'
import { exchange, fullRequest, weatherSchema } from '../../../testing/provider-fixture.ts'
import { playBack } from '../../../testing/recorded-egress.ts'
import { ollama } from './index.ts'

const file = new URL('__fixtures__/thinking-and-tools.ndjson', import.meta.url)
const ask = (request = fullRequest, settings = {}) => exchange({ descriptor: ollama, file, contentType: 'application/x-ndjson', request, settings })

test('a request becomes a chat, and its lines thinking, words and tool calls', async () => {
  const { request, body, events } = await ask()
  expect(request.url.href).toBe('http://127.0.0.1:11434/api/chat')
  expect(request.headers).toMatchObject({ authorization: 'Bearer sk-fixture', 'x-request-id': 'req-7' })
  expect(body).toEqual({
    model: 'model-a', stream: true,
    messages: [
      { role: 'system', content: 'Be brief.' }, { role: 'user', content: 'Weather in Bern and Chur?' },
      { role: 'assistant', content: 'I look.', tool_calls: [{ function: { name: 'get_weather', arguments: { town: 'Bern' } } }, { function: { name: 'get_weather', arguments: { town: 'Chur' } } }] },
      { role: 'tool', content: 'sun', tool_name: 'get_weather' }, { role: 'tool', content: 'rain', tool_name: 'get_weather' }, { role: 'user', content: 'So?' },
    ],
    tools: [{ type: 'function', function: { name: 'get_weather', description: 'The weather of a town', parameters: weatherSchema } }],
    think: 'medium', format: weatherSchema,
    options: { temperature: 1.25, top_p: 0.5, num_predict: 99, stop: ['END'], seed: 3, presence_penalty: 0.5, frequency_penalty: 0.25 },
  })
  expect(events).toEqual([
    { type: 'reasoning-delta', choice: 0, text: 'Two towns.' }, { type: 'text-delta', choice: 0, text: 'I look.' },
    { type: 'tool-call-delta', choice: 0, index: 0, id: expect.stringMatching(/^call_[0-9a-f]{24}$/) as string, name: 'get_weather', argumentsText: '{"town":"Bern"}' },
    { type: 'tool-call-delta', choice: 0, index: 1, id: 'call_9', name: 'get_weather', argumentsText: '{}' },
    { type: 'finish', choice: 0, reason: 'tool-calls' }, { type: 'usage', inputTokens: 153, outputTokens: 25 },
  ])
})

test('where no tool may be called, none is named, and a key is not needed', async () => {
  const { body, request } = await ask({ ...fullRequest, toolChoice: 'none', options: { reasoningEffort: 'none', responseFormat: { type: 'json' } } }, { credential: undefined })
  expect(body).not.toHaveProperty('tools')
  expect(body).toMatchObject({ think: false, format: 'json', options: {} })
  expect(request.headers).not.toHaveProperty('authorization')
})

test.each([[404, 'unknown-model', "model 'x' not found"], [400, 'refused-request', '"x" does not support tools'], [500, 'failed', 'llama runner process has terminated']] as const)('%i is told as %s', async (status, kind, error) => {
  const provider = ollama.create(ollama.config.parse({}), { fetchConfigured: playBack({ status, contentType: 'application/json; charset=utf-8', chunks: [Buffer.from(JSON.stringify({ error }))] }) })
  const read = async () => { const events: ModelEvent[] = []; for await (const event of provider.stream(fullRequest, new AbortController().signal)) events.push(event) }
  await expect(read()).rejects.toMatchObject({ kind })
})

test('a last line without its break counts', async () => {
  const line = '{"message":{"role":"assistant","content":"Hello"},"done":true,"done_reason":"stop"}'
  const provider = ollama.create(ollama.config.parse({}), { fetchConfigured: playBack({ contentType: 'application/x-ndjson', chunks: [Buffer.from(line)] }) })
  const events: ModelEvent[] = []
  for await (const event of provider.stream(fullRequest, new AbortController().signal)) events.push(event)
  expect(events).toEqual([{ type: 'text-delta', choice: 0, text: 'Hello' }, { type: 'finish', choice: 0, reason: 'stop' }])
})
