import { expect, test } from 'vitest'
import { exchange, fullRequest } from '../../../testing/provider-fixture.ts'
import { openAiCompatible } from './index.ts'

const file = new URL('__fixtures__/reasoning.txt', import.meta.url)
const ask = (settings = {}) => exchange({ descriptor: openAiCompatible, file, contentType: 'text/event-stream', request: fullRequest, settings })

test('a server with habits of its own is understood: reasoning, calls without id, a finish of its own, no last line', async () => {
  const { events } = await ask()
  expect(events).toEqual([
    { type: 'text-delta', choice: 0, text: '' },
    { type: 'reasoning-delta', choice: 0, text: 'Hm.' }, { type: 'text-delta', choice: 0, text: 'Sun' },
    { type: 'tool-call-delta', choice: 0, index: 0, id: expect.stringMatching(/^call_[0-9a-f]{24}$/) as string, name: 'get_weather', argumentsText: '{}' },
    { type: 'finish', choice: 0, reason: 'stop' },
  ])
})

test('the oldest names are sent, below whatever base address', async () => {
  for (const baseUrl of ['http://models.test:8000/v1', 'http://models.test:8000/v1/', 'http://models.test:8000/v1//']) {
    const { request, body } = await ask({ baseUrl })
    expect(request.url.href).toBe('http://models.test:8000/v1/chat/completions')
    expect(body).toMatchObject({ max_tokens: 99, stream_options: { include_usage: true } })
  }
  expect((await ask({ baseUrl: 'http://models.test' })).request.url.href).toBe('http://models.test/chat/completions')
})

test('neither a key nor token counts are needed', async () => {
  const { request, body } = await ask({ credential: undefined, countsInStreams: false })
  expect(request.headers).not.toHaveProperty('authorization')
  expect(body).not.toHaveProperty('stream_options')
})
