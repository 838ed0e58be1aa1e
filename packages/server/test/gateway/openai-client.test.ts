import OpenAI, { AuthenticationError, BadRequestError, InternalServerError, NotFoundError, PermissionDeniedError, RateLimitError } from 'openai'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { openTestServer, type Person, type TestServer } from '../../src/testing/server.ts'
import type { BadDay, VendorRequest, VendorScript } from '../../src/testing/vendor-script.ts'
import type { VendorServer } from '../../src/testing/vendor-server.ts'

let server: TestServer
let owner: Person
let vendor: VendorServer
let client: OpenAI
let day: BadDay | null = null
let pace = 0
beforeAll(async () => {
  server = await openTestServer()
  owner = await server.setUpOwner()
  vendor = await server.addVendor(owner, 'openai', { script: answerTo, day: ({ path }) => (path.endsWith('/models') ? null : day), get paceMilliseconds() { return pace } })
  client = clientWith(owner.key)
})
afterAll(async () => { await server[Symbol.asyncDispose]() })

/** The client as it comes, but for the address and the key. */
const clientWith = (apiKey: string) => new OpenAI({ baseURL: `${server.url}/v1`, apiKey, maxRetries: 0 })

/** What the model behind the server says: it calls a tool when it has one and no result yet. */
function answerTo({ body, question, choices }: VendorRequest): VendorScript {
  const { tools, messages } = body as { tools?: readonly unknown[]; messages: readonly { role: string; content: string }[] }
  const result = messages.find(({ role }) => role === 'tool')
  if (result !== undefined) return { text: ['It is ', result.content, ' in Zürich.'] }
  if (tools !== undefined) return { toolCalls: [{ id: 'call_7', name: 'get_weather', argumentsText: ['{"to', 'wn":"Zü', 'rich"}'] }] }
  if (question === 'Count.') return { text: Array.from({ length: 500 }, (_, index) => `${index} `) }
  if (choices > 1) return { text: ['one'], more: [{ text: ['two'], finish: 'length' }] }
  return { text: ['You ', 'said: ', question], usage: { inputTokens: 9, outputTokens: 4 } }
}

const MODEL = 'openai/model-a'
const hello = [{ role: 'user' as const, content: 'Hello' }]
const weather = { type: 'function' as const, function: { name: 'get_weather', description: 'The weather of a town', parameters: { type: 'object', properties: { town: { type: 'string' } }, required: ['town'] } } }

describe('the official client, unchanged but for address and key', () => {
  test('lists the models, and finds one', async () => {
    const ids: string[] = []
    for await (const { id, object } of client.models.list()) { ids.push(id); expect(object).toBe('model') }
    expect(ids).toEqual(['sallyport/library', 'openai/model-a', 'openai/model-b'])
    expect(await client.models.retrieve('openai/model-b')).toMatchObject({ id: 'openai/model-b', owned_by: 'openai' })
  })

  test('chats', async () => {
    const answer = await client.chat.completions.create({ model: MODEL, messages: [{ role: 'system', content: 'Be kind.' }, ...hello] })
    expect(answer).toMatchObject({
      object: 'chat.completion', model: MODEL, usage: { prompt_tokens: 9, completion_tokens: 4, total_tokens: 13 },
      choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content: 'You said: Hello' } }],
    })
    expect(answer.id).toMatch(/^chatcmpl-[0-9a-f]{32}$/)
    expect(vendor.requests.at(-1)?.body).toMatchObject({ model: 'model-a', messages: [{ role: 'system', content: 'Be kind.' }, { role: 'user', content: 'Hello' }] })
  })

  test('chats by a model\'s bare name, with content in parts', async () => {
    const answer = await client.chat.completions.create({ model: 'model-b', messages: [{ role: 'user', content: [{ type: 'text', text: 'Hello' }, { type: 'text', text: 'again' }] }] })
    expect(answer.choices[0]?.message.content).toBe('You said: Hello\nagain')
  })

  test('streams, with the usage at the end when it asks for it, and without when not', async () => {
    for (const include_usage of [true, false]) {
      const stream = await client.chat.completions.create({ model: MODEL, messages: hello, stream: true, stream_options: { include_usage } })
      let text = ''
      const finishes: unknown[] = []
      const usages: unknown[] = []
      for await (const chunk of stream) {
        expect(chunk).toMatchObject({ object: 'chat.completion.chunk', model: MODEL })
        text += chunk.choices[0]?.delta.content ?? ''
        if (chunk.choices[0]?.finish_reason != null) finishes.push(chunk.choices[0].finish_reason)
        if (chunk.usage != null) usages.push(chunk.usage)
      }
      expect({ text, finishes, usages }).toEqual({ text: 'You said: Hello', finishes: ['stop'], usages: include_usage ? [{ prompt_tokens: 9, completion_tokens: 4, total_tokens: 13 }] : [] })
    }
  })

  test('streams through its own helper', async () => {
    const stream = client.chat.completions.stream({ model: MODEL, messages: hello })
    expect((await stream.finalChatCompletion()).choices[0]?.message.content).toBe('You said: Hello')
  })

  test('calls a tool, whole and streamed, and brings its result', async () => {
    const whole = await client.chat.completions.create({ model: MODEL, messages: hello, tools: [weather], tool_choice: 'auto' })
    const streamed = await client.chat.completions.stream({ model: MODEL, messages: hello, tools: [weather] }).finalChatCompletion()
    for (const answer of [whole, streamed]) {
      expect(answer.choices[0]).toMatchObject({ finish_reason: 'tool_calls', message: { tool_calls: [{ id: 'call_7', type: 'function', function: { name: 'get_weather', arguments: '{"town":"Zürich"}' } }] } })
      expect(answer.choices[0]?.message.content ?? '').toBe('')
    }
    const asked = whole.choices[0]?.message
    if (asked === undefined) throw new Error('There is no choice.')
    const answer = await client.chat.completions.create({ model: MODEL, tools: [weather], messages: [...hello, asked, { role: 'tool', tool_call_id: 'call_7', content: 'sunny' }] })
    expect(answer.choices[0]?.message.content).toBe('It is sunny in Zürich.')
  })

  test('runs its tools by itself', async () => {
    const runner = client.chat.completions.runTools({
      model: MODEL, messages: hello,
      tools: [{ type: 'function', function: { name: 'get_weather', description: 'The weather of a town', parameters: { type: 'object', properties: { town: { type: 'string' } } }, parse: JSON.parse, function: ({ town }: { town: string }) => `cloudy over ${town}` } }],
    })
    expect(await runner.finalContent()).toBe('It is cloudy over Zürich in Zürich.')
  })

  test('asks for two answers, whole and streamed', async () => {
    const whole = await client.chat.completions.create({ model: MODEL, messages: hello, n: 2 })
    const streamed = await client.chat.completions.stream({ model: MODEL, messages: hello, n: 2 }).finalChatCompletion()
    for (const answer of [whole, streamed]) {
      expect(answer.choices.map(({ index, finish_reason, message }) => [index, finish_reason, message.content])).toEqual([[0, 'stop', 'one'], [1, 'length', 'two']])
    }
  })

  test('asks for two answers of a vendor that gives one at a time', async () => {
    await server.addVendor(owner, 'anthropic', { script: { text: ['Yes.'], usage: { inputTokens: 5, outputTokens: 2 } } })
    const answer = await client.chat.completions.create({ model: 'anthropic/model-a', messages: hello, n: 2 })
    expect(answer.choices.map(({ message }) => message.content)).toEqual(['Yes.', 'Yes.'])
    expect(answer.usage).toMatchObject({ prompt_tokens: 10, completion_tokens: 4 })
  })

  test('aborts a stream, and the vendor is left within a second', async () => {
    pace = 5
    const left = vendor.left()
    const stream = await client.chat.completions.create({ model: MODEL, messages: [{ role: 'user', content: 'Count.' }], stream: true })
    let chunks = 0
    for await (const _chunk of stream) {
      chunks += 1
      if (chunks === 5) stream.controller.abort()
    }
    expect(chunks).toBeLessThan(500)
    await vi.waitFor(() => { expect(vendor.open().answers).toBe(0) }, { timeout: 1_000, interval: 5 })
    expect(vendor.left()).toBe(left + 1)
    pace = 0
  })

  test('is told which of its fields had no effect', async () => {
    const { response } = await client.chat.completions.create({ model: MODEL, messages: hello, logit_bias: { 50256: -100 }, store: true, user: 'somebody' }).withResponse()
    expect(response.headers.get('sallyport-ignored')?.split(', ').toSorted()).toEqual(['logit_bias', 'store'])
    const plain = await client.chat.completions.create({ model: MODEL, messages: hello, temperature: 0.2 }).withResponse()
    expect(plain.response.headers.get('sallyport-ignored')).toBeNull()
    expect(JSON.stringify(vendor.requests.at(-2)?.body)).not.toMatch(/logit_bias|somebody|"store"/)
    const streamed = await client.chat.completions.create({ model: MODEL, messages: hello, stream: true, metadata: { a: 'b' } }).withResponse()
    expect(streamed.response.headers.get('sallyport-ignored')).toBe('metadata')
    for await (const _chunk of streamed.data) { /* read to the end */ }
  })
})

describe('its errors are the ones that the client knows', () => {
  const failureOf = async (call: Promise<unknown>) => {
    const error: unknown = await call.then(() => null, (error: unknown) => error)
    return error as InstanceType<typeof OpenAI.APIError>
  }
  const chat = (using: OpenAI, more: object = {}) => failureOf(using.chat.completions.create({ model: MODEL, messages: hello, ...more }))

  test.each([['wrong', 'slp_wrong'], ['a vendor\'s', 'sk-somebody-elses-key']])('a key that is %s', async (_, key) => {
    const error = await chat(clientWith(key))
    expect(error).toBeInstanceOf(AuthenticationError)
    expect(error).toMatchObject({ status: 401, code: 'invalid_api_key', type: 'authentication_error' })
    expect(error.requestID).toMatch(/^[0-9a-f-]{36}$/)
  })

  test('a key that may not', async () => {
    const auditor = await server.addAccount('auditor', 'auditor')
    expect(await chat(clientWith(auditor.key))).toBeInstanceOf(PermissionDeniedError)
  })

  test('an unknown model', async () => {
    for (const model of ['openai/model-zz', 'nobody/model-a', 'gpt-nothing']) {
      const error = await chat(client, { model })
      expect(error).toBeInstanceOf(NotFoundError)
      expect(error).toMatchObject({ status: 404, code: 'model_not_found' })
    }
    expect(await failureOf(client.models.retrieve('nobody/model-a'))).toBeInstanceOf(NotFoundError)
  })

  test.each([
    ['no messages', { messages: [] }, 'messages'], ['a temperature of 3', { temperature: 3 }, 'temperature'], ['a role that does not exist', { messages: [{ role: 'king', content: 'x' }] }, 'messages.0.role'],
    ['n of 100', { n: 100 }, 'n'], ['a tool without a name', { tools: [{ type: 'function', function: {} }] }, 'tools.0.function.name'],
  ])('a bad request: %s', async (_, more, param) => {
    const error = await chat(client, more)
    expect(error).toBeInstanceOf(BadRequestError)
    expect(error).toMatchObject({ status: 400, type: 'invalid_request_error', param })
  })

  test('too many requests, with the time to wait; and the client\'s own retry gets through', async () => {
    await using limited = await openTestServer({ settings: { LIMITS_TURNS_PER_MINUTE: '60' } })
    const person = await limited.setUpOwner()
    const using = new OpenAI({ baseURL: `${limited.url}/v1`, apiKey: person.key, maxRetries: 0 })
    const ask = { model: 'sallyport/library', messages: hello }
    limited.clock.stop()
    for (let turn = 0; turn < 60; turn += 1) await using.chat.completions.create(ask)
    limited.clock.advance(60_000)
    const error = await failureOf(using.chat.completions.create(ask))
    expect(error).toBeInstanceOf(RateLimitError)
    expect(error).toMatchObject({ status: 429, code: 'rate_limit_exceeded' })
    expect(error.headers?.get('retry-after')).toBe('1')
    setTimeout(() => { limited.clock.advance(2_000) }, 300)
    expect((await using.chat.completions.create(ask, { maxRetries: 3 })).choices).toHaveLength(1)
  })

  test.each([['unauthorised', 502], ['server-error', 502], ['reset', 503], ['rate-limited', 503], ['wrong-json', 502]] as const)('a vendor\'s day %s, before the first word', async (bad, status) => {
    day = bad
    const whole = await chat(client)
    const streamed = await chat(client, { stream: true })
    day = null
    for (const error of bad === 'wrong-json' ? [whole] : [whole, streamed]) {
      expect(error).toBeInstanceOf(InternalServerError)
      expect(error).toMatchObject({ status })
    }
    expect(whole.headers?.get('retry-after')).toBe(bad === 'rate-limited' ? '7' : null)
  })

  test('a vendor that breaks off in the middle of a stream ends it with an error, never as if it were whole', async () => {
    for (const bad of ['reset-midway', 'half-a-chunk', 'error-midway', 'missing-finish'] as const) {
      day = bad
      const read = async () => {
        for await (const _chunk of await client.chat.completions.create({ model: MODEL, messages: [{ role: 'user', content: 'Count.' }], stream: true })) { /* until it breaks */ }
      }
      await expect(read()).rejects.toBeInstanceOf(OpenAI.APIError)
    }
    day = null
  })
})
