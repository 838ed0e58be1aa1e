import { expect, test } from 'vitest'
import { exchange, fullRequest, weatherSchema } from '../../../testing/provider-fixture.ts'
import { openAi } from './index.ts'

const fixture = (name: string) => new URL(`__fixtures__/${name}`, import.meta.url)

test('a request becomes chat completions, and its stream two tool calls', async () => {
  const { request, body, events } = await exchange({ descriptor: openAi, file: fixture('tool-calls.txt'), contentType: 'text/event-stream; charset=utf-8', request: fullRequest })
  expect(request).toMatchObject({ method: 'POST', headers: { authorization: 'Bearer sk-fixture', 'x-request-id': 'req-7', 'content-type': 'application/json' } })
  expect(request.url.href).toBe('https://api.openai.com/v1/chat/completions')
  expect(body).toEqual({
    model: 'model-a', stream: true, stream_options: { include_usage: true },
    messages: [
      { role: 'system', content: 'Be brief.' }, { role: 'user', content: 'Weather in Bern and Chur?' },
      {
        role: 'assistant', content: 'I look.',
        tool_calls: [{ id: 'call_1', type: 'function', function: { name: 'get_weather', arguments: '{"town":"Bern"}' } }, { id: 'call_2', type: 'function', function: { name: 'get_weather', arguments: '{"town":"Chur"}' } }],
      },
      { role: 'tool', tool_call_id: 'call_1', content: 'sun' }, { role: 'tool', tool_call_id: 'call_2', content: 'rain' }, { role: 'user', content: 'So?' },
    ],
    tools: [{ type: 'function', function: { name: 'get_weather', description: 'The weather of a town', parameters: weatherSchema } }],
    tool_choice: { type: 'function', function: { name: 'get_weather' } }, parallel_tool_calls: false,
    temperature: 1.25, top_p: 0.5, max_completion_tokens: 99, stop: ['END'], seed: 3, presence_penalty: 0.5, frequency_penalty: 0.25, reasoning_effort: 'medium',
    response_format: { type: 'json_schema', json_schema: { name: 'weather', schema: weatherSchema } },
  })
  expect(events).toEqual([
    { type: 'text-delta', choice: 0, text: '' },
    { type: 'tool-call-delta', choice: 0, index: 0, id: 'call_p9', name: 'get_weather', argumentsText: '' },
    { type: 'tool-call-delta', choice: 0, index: 0, argumentsText: '{"' },
    { type: 'tool-call-delta', choice: 0, index: 0, argumentsText: 'town":"Bern"}' },
    { type: 'tool-call-delta', choice: 0, index: 1, id: 'call_q2', name: 'get_weather', argumentsText: '{}' },
    { type: 'finish', choice: 0, reason: 'tool-calls' },
    { type: 'usage', inputTokens: 82, outputTokens: 49 },
  ])
})

test('a refusal is what the model said', async () => {
  const { events, body } = await exchange({ descriptor: openAi, file: fixture('refusal.json'), contentType: 'application/json', request: { ...fullRequest, streamed: false, choices: 1, tools: [], options: {} } })
  expect(body).toMatchObject({ model: 'model-a' })
  expect(Object.keys(body as object)).toEqual(['model', 'messages'])
  expect(events).toEqual([
    { type: 'text-delta', choice: 0, text: 'I cannot help with that.' }, { type: 'finish', choice: 0, reason: 'stop' }, { type: 'usage', inputTokens: 81, outputTokens: 11 },
  ])
})

test('several choices are asked for in one call', async () => {
  const asked = exchange({ descriptor: openAi, file: fixture('refusal.json'), contentType: 'application/json', request: { ...fullRequest, streamed: false, choices: 2 } })
  // The recorded answer has one choice where two were asked for.
  await expect(asked).rejects.toMatchObject({ kind: 'invalid-answer' })
})
