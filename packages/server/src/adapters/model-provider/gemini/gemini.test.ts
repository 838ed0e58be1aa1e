import { expect, test } from 'vitest'
import { Secret } from '../../../kernel/secret.ts'
import type { EgressRequest } from '../../../ports/egress.ts'
import type { ModelEvent } from '../../../ports/model-provider.ts'
import { exchange, fullRequest, weatherSchema } from '../../../testing/provider-fixture.ts'
import { playBack } from '../../../testing/recorded-egress.ts'
import { gemini } from './index.ts'
import { modelPath } from './wire.ts'

const file = new URL('__fixtures__/thinking-and-tools.txt', import.meta.url)
const ask = (request = fullRequest) => exchange({ descriptor: gemini, file, contentType: 'text/event-stream', request })

test('a request becomes generateContent, and its stream thoughts, words and tool calls, though a finish is named early', async () => {
  const { request, body, events } = await ask({ ...fullRequest, model: 'gemini-2.5-flash' })
  expect(request).toMatchObject({ method: 'POST', headers: { 'x-goog-api-key': 'sk-fixture', 'x-request-id': 'req-7' } })
  expect(request.url.href).toBe('https://generativelanguage.googleapis.com/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse')
  expect(body).toEqual({
    systemInstruction: { parts: [{ text: 'Be brief.' }] },
    contents: [
      { role: 'user', parts: [{ text: 'Weather in Bern and Chur?' }] },
      { role: 'model', parts: [{ text: 'I look.' }, { functionCall: { id: 'call_1', name: 'get_weather', args: { town: 'Bern' } } }, { functionCall: { id: 'call_2', name: 'get_weather', args: { town: 'Chur' } } }] },
      { role: 'user', parts: [{ functionResponse: { id: 'call_1', name: 'get_weather', response: { content: 'sun' } } }, { functionResponse: { id: 'call_2', name: 'get_weather', response: { content: 'rain' } } }, { text: 'So?' }] },
    ],
    tools: [{ functionDeclarations: [{ name: 'get_weather', description: 'The weather of a town', parametersJsonSchema: weatherSchema }] }],
    toolConfig: { functionCallingConfig: { mode: 'ANY', allowedFunctionNames: ['get_weather'] } },
    generationConfig: {
      temperature: 1.25, topP: 0.5, maxOutputTokens: 99, stopSequences: ['END'], seed: 3, presencePenalty: 0.5, frequencyPenalty: 0.25,
      thinkingConfig: { thinkingBudget: 8_192, includeThoughts: true }, responseMimeType: 'application/json', responseJsonSchema: weatherSchema,
    },
  })
  expect(events).toEqual([
    { type: 'reasoning-delta', choice: 0, text: '**Looking**' }, { type: 'text-delta', choice: 0, text: 'I look.' },
    { type: 'tool-call-delta', choice: 0, index: 0, id: expect.stringMatching(/^call_[0-9a-f]{24}$/) as string, name: 'get_weather', argumentsText: '{"town":"Bern"}' },
    { type: 'tool-call-delta', choice: 0, index: 1, id: 'fc-2', name: 'get_weather', argumentsText: '{}' },
    { type: 'finish', choice: 0, reason: 'tool-calls' }, { type: 'usage', inputTokens: 68, outputTokens: 50 },
  ])
})

test('calls that go back to a third-generation model carry the stand-in for their signature', async () => {
  const { body } = await ask({ ...fullRequest, model: 'gemini-3-pro-preview' })
  expect(JSON.stringify(body).match(/"thoughtSignature":"skip_thought_signature_validator"/g)).toHaveLength(2)
})

test.each([
  ['gemini-2.5-flash', '/models/gemini-2.5-flash:m'], ['models/gemini-2.5-flash', '/models/gemini-2.5-flash:m'], ['tunedModels/mine', '/tunedModels/mine:m'],
  ['../../evil', '/_/_/evil:m'], ['..', '/models/_:m'], ['a?key=1', '/models/a%3Fkey%3D1:m'], ['a#b', '/models/a%23b:m'], ['a:deleteModel', '/models/a%3AdeleteModel:m'], ['%2e%2e', '/models/%252e%252e:m'], ['a\\b', '/models/a%5Cb:m'], ['', '/models/_:m'],
])('the model %j leads to %s', (model, path) => {
  expect(modelPath(model, 'm')).toBe(path)
  expect(new URL(`http://host${modelPath(model, 'm')}`).pathname).toBe(path)
})

const answerTo = async (recording: Parameters<typeof playBack>[0]) => {
  const provider = gemini.create(gemini.config.parse({ credential: new Secret('AIza-1') }), { fetchConfigured: playBack(recording) })
  const events: ModelEvent[] = []
  for await (const event of provider.stream(fullRequest, new AbortController().signal)) events.push(event)
  return events
}
const json = (body: unknown, status = 200) => ({ status, contentType: 'application/json; charset=UTF-8', chunks: [Buffer.from(JSON.stringify(body))] })

test('a blocked question is a withheld answer', async () => {
  expect(await answerTo(json({ promptFeedback: { blockReason: 'SAFETY' }, usageMetadata: { promptTokenCount: 4, totalTokenCount: 4 } }))).toEqual([{ type: 'finish', choice: 0, reason: 'content-filter' }, { type: 'usage', inputTokens: 4, outputTokens: 0 }])
})

test('a call that the model bungled is no answer', async () => {
  await expect(answerTo(json({ candidates: [{ content: {}, finishReason: 'MALFORMED_FUNCTION_CALL', index: 0 }] }))).rejects.toMatchObject({ kind: 'invalid-answer' })
})

test.each([
  [400, { code: 400, status: 'INVALID_ARGUMENT', message: 'API key not valid.', details: [{ '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason: 'API_KEY_INVALID', domain: 'googleapis.com' }] }, 'rejected-credential', undefined],
  [400, { code: 400, status: 'INVALID_ARGUMENT', message: 'Bad schema.' }, 'refused-request', undefined],
  [403, { code: 403, status: 'PERMISSION_DENIED', message: 'No.' }, 'rejected-credential', undefined],
  [404, { code: 404, status: 'NOT_FOUND', message: 'models/x is not found' }, 'unknown-model', undefined],
  [429, { code: 429, status: 'RESOURCE_EXHAUSTED', message: 'Quota', details: [{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '34.07s' }] }, 'rate-limited', 35],
  [503, { code: 503, status: 'UNAVAILABLE', message: 'Overloaded' }, 'failed', undefined],
  [504, { code: 504, status: 'DEADLINE_EXCEEDED', message: 'Slow' }, 'timeout', undefined],
] as const)('%i %j is told as %s, alone and in a list', async (...[status, error, kind, retryAfterSeconds]) => {
  for (const body of [{ error }, [{ error }]]) await expect(answerTo(json(body, status))).rejects.toMatchObject({ kind, retryAfterSeconds })
})

test('the list of models is read page after page, without those that do not talk', async () => {
  const asked: string[] = []
  const pages = [{ models: [{ name: 'models/a', displayName: 'A', supportedGenerationMethods: ['generateContent'] }, { name: 'models/e', supportedGenerationMethods: ['embedContent'] }], nextPageToken: 'p/2' }, { models: [{ name: 'models/b', displayName: 'B' }] }]
  const fetchConfigured = (request: EgressRequest) => { asked.push(request.url.search); return playBack(json(pages[asked.length - 1]))(request) }
  const provider = gemini.create(gemini.config.parse({ credential: new Secret('AIza-1') }), { fetchConfigured })
  expect(await provider.listModels(new AbortController().signal)).toEqual([{ id: 'a', name: 'A' }, { id: 'b', name: 'B' }])
  expect(asked).toEqual(['?pageSize=1000', '?pageSize=1000&pageToken=p%2F2'])
})
