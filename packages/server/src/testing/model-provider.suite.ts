import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { systemClock } from '../kernel/clock.ts'
import { createEgress, type Egress } from '../kernel/egress.ts'
import { Secret } from '../kernel/secret.ts'
import { defaultEgressRules } from '../policy/egress.ts'
import { ProviderFailure, type ModelProvider, type ModelProviderDescriptor, type ModelRequest, type ProviderFailureKind } from '../ports/model-provider.ts'
import { collectEvents } from './collect-events.ts'
import type { BadDay, VendorScript } from './vendor-script.ts'
import { startVendorServer, type VendorName, type VendorScenario, type VendorServer } from './vendor-server.ts'

export const CREDENTIAL = 'sk-test-5Yp0QeD3vTk9Wm2LxR7u'
export const baseRequest: ModelRequest = {
  model: 'model-a', messages: [{ role: 'user', text: 'Good morning' }], tools: [], toolChoice: 'auto', options: {}, choices: 1,
  streamed: true, passages: [], correlationId: '0199-req',
}

const tools = [
  { name: 'get_weather', description: 'The weather of a town', parameters: { type: 'object', properties: { town: { type: 'string' } }, required: ['town'] } },
  { name: 'get_time', parameters: { type: 'object', properties: {} } },
]
const speech: VendorScript = { text: ['Grüß', ' dich', ', 世界', ' 👋🏽', '!\n\n', '`x`'], reasoning: ['They ', 'greet.'], usage: { inputTokens: 31, outputTokens: 17 } }
const parallelCalls: VendorScript = {
  text: ['I look.'],
  toolCalls: [
    { id: 'call_first', name: 'get_weather', argumentsText: ['{"town"', ':"Zürich"', '}'] },
    { id: 'call_second', name: 'get_time', argumentsText: ['{}'] },
  ],
}

/** Failures that a day leads to; `null` where the answer comes through whole. The second column is for whole answers, where it differs. */
const days: Readonly<Record<BadDay, readonly [streamed: ProviderFailureKind | null, whole?: ProviderFailureKind | null]>> = {
  hang: ['timeout'], 'hang-midway': ['timeout'],
  reset: ['unavailable'], 'reset-midway': ['unavailable'], 'not-http': ['unavailable'], 'server-error': ['failed'], 'server-error-html': ['failed'], redirect: ['unavailable'],
  'error-midway': ['failed', 'invalid-answer'],
  unauthorised: ['rejected-credential'], 'rate-limited': ['rate-limited'], 'unknown-model': ['unknown-model'],
  'half-a-chunk': ['invalid-answer'], 'wrong-json': ['invalid-answer'], 'wrong-shape': ['invalid-answer'], 'missing-finish': ['invalid-answer'], 'wrong-type': ['invalid-answer'], compressed: ['invalid-answer'],
  'huge-frame': ['too-large'], endless: ['too-large'],
  'unknown-events': [null],
}

const eventually = (check: () => void) => vi.waitFor(check, { timeout: 5_000, interval: 2 })

/** Short limits: the waits of these tests are the limits' own. */
const rules = { ...defaultEgressRules, connectSeconds: 2, firstByteSeconds: 0.3, wholeAnswerSeconds: 0.3, idleSeconds: 0.3, totalSeconds: 10, responseBytes: 6_291_456 }

/** What every provider must keep, against a server that speaks its vendor's wire. */
export function describeModelProvider(descriptor: ModelProviderDescriptor, vendor: VendorName): void {
  describe(`provider ${descriptor.id}`, () => {
    let egress: Egress
    let server: VendorServer | undefined
    beforeEach(() => { egress = createEgress({ clock: systemClock, rules }) })
    afterEach(async () => {
      // Nothing may be under way any more, and no connection may outlive the egress path.
      await eventually(() => expect(server?.open().answers ?? 0).toBe(0))
      await egress.close()
      await eventually(() => expect(server?.open().connections ?? 0).toBe(0))
      await server?.close()
      server = undefined
    })
    const start = async (scenario: VendorScenario, credential = CREDENTIAL): Promise<ModelProvider> => {
      server = await startVendorServer(vendor, { credential: CREDENTIAL, ...scenario })
      egress.list('provider', { origin: new URL(server.url), allowPrivateAddress: true })
      return descriptor.create(descriptor.config.parse({ baseUrl: server.baseUrl, credential: new Secret(credential) }), egress)
    }
    const ask = (provider: ModelProvider, request: Partial<ModelRequest> = {}, signal = new AbortController().signal) => collectEvents(provider.stream({ ...baseRequest, ...request }, signal))
    const failureOf = async (answer: Promise<unknown>) => {
      const error: unknown = await answer.then(() => null, (error: unknown) => error)
      if (!(error instanceof ProviderFailure)) throw new Error(`A ProviderFailure was expected, not ${String(error)}.`)
      return error
    }

    describe.each([{ streamed: true }, { streamed: false }])('streamed: $streamed', ({ streamed }) => {
      test('text, finish and usage come through', async () => {
        const answer = await ask(await start({ script: speech }), { streamed })
        expect(answer).toMatchObject({ choices: [{ text: 'Grüß dich, 世界 👋🏽!\n\n`x`', finish: 'stop', toolCalls: [] }], usage: { inputTokens: 31, outputTokens: 17 } })
        expect(['They greet.', '']).toContain(answer.choices[0]?.reasoning)
        expect(server?.requests).toMatchObject([{ streamed }])
      })

      test('parallel tool calls keep their ids, names, arguments and order', async () => {
        const answer = await ask(await start({ script: parallelCalls }), { streamed, tools })
        expect(answer.choices[0]).toMatchObject({ text: 'I look.', finish: 'tool-calls', toolCalls: [{ id: 'call_first', name: 'get_weather' }, { id: 'call_second', name: 'get_time' }] })
        expect(answer.choices[0]?.toolCalls.map(({ argumentsText }) => JSON.parse(argumentsText))).toEqual([{ town: 'Zürich' }, {}])
      })

      test.each(['stop', 'length', 'content-filter'] as const)('the finish %s keeps its meaning', async (finish) => {
        const answer = await ask(await start({ script: { text: ['word'], finish } }), { streamed })
        // Ollama filters nothing, so its wire has no word for it.
        expect(finish === 'content-filter' && vendor === 'ollama' ? 'content-filter' : answer.choices[0]?.finish).toBe(finish)
      })

      test('an uncounted answer has no usage', async () => {
        expect((await ask(await start({ script: { ...speech, usage: null } }), { streamed })).usage).toBeNull()
      })

      test('a vendor that takes only what it documents takes every option', async () => {
        const provider = await start({ script: speech })
        const options = { temperature: 1.5, topP: 0.9, maxOutputTokens: 64, stop: ['END'], seed: 7, presencePenalty: 0.5, frequencyPenalty: -0.5, parallelToolCalls: false, reasoningEffort: 'low' }
        const schema = { type: 'object', properties: { answer: { type: 'string' } }, required: ['answer'], additionalProperties: false }
        for (const responseFormat of [{ type: 'text' }, { type: 'json' }, { type: 'json-schema', name: 'answer', schema, strict: true }] as const) {
          for (const toolChoice of ['auto', 'none', 'required', { name: 'get_time' }] as const) {
            expect((await ask(provider, { streamed, tools, toolChoice, options: { ...options, responseFormat } })).choices).toHaveLength(1)
          }
        }
      })

      test('a talk with instructions, tool calls and their results is taken', async () => {
        const provider = await start({})
        const answer = await ask(provider, {
          streamed, tools,
          messages: [
            { role: 'system', text: 'Be brief.' }, { role: 'user', text: 'Weather?' },
            { role: 'assistant', text: '', toolCalls: [{ id: 'call_first', name: 'get_weather', argumentsText: '{"town":"Bern"}' }, { id: 'call_second', name: 'get_time', argumentsText: '' }] },
            { role: 'tool', toolCallId: 'call_first', text: 'Sun' }, { role: 'tool', toolCallId: 'call_second', text: '12:00' },
            { role: 'assistant', text: 'Sun at noon. ', toolCalls: [] }, { role: 'system', text: 'Be kind.' }, { role: 'user', text: 'Thanks' },
          ],
        })
        expect(answer.choices[0]?.text).toBe('You said: Thanks')
        const sent = JSON.stringify(server?.requests[0]?.body)
        for (const piece of ['Be brief.', 'Be kind.', 'Weather?', 'Bern', 'get_weather', 'Sun', '12:00', 'Sun at noon.']) expect(sent).toContain(piece)
      })

      test.each(Object.entries(days))('on the day %s it fails as documented', async (day, [whenStreamed, whenWhole = whenStreamed]) => {
        const provider = await start({ script: speech, day: day as BadDay })
        const expected = streamed ? whenStreamed : whenWhole
        if (expected === null) {
          expect((await ask(provider, { streamed })).choices).toMatchObject([{ text: speech.text?.join(''), finish: 'stop' }])
          return
        }
        const failure = await failureOf(ask(provider, { streamed }))
        expect(failure.kind).toBe(expected)
        expect(failure.retryAfterSeconds).toBe(day === 'rate-limited' ? 7 : undefined)
        expect(`${failure.message} ${String(failure.cause)}`).not.toContain(CREDENTIAL.slice(8, 20))
      })

      test('an abort before the first byte throws the reason and frees the connection', async () => {
        const provider = await start({ day: 'hang' })
        const abort = new AbortController()
        const answer = ask(provider, { streamed }, abort.signal)
        const caught = answer.catch((error: unknown) => error)
        await eventually(() => expect(server?.requests).toHaveLength(1))
        const reason = new Error('The reader pressed stop.')
        abort.abort(reason)
        expect(await caught).toBe(reason)
        await eventually(() => expect(server?.open().answers).toBe(0))
      })
    })

    test('a reader who leaves in the middle stops the vendor', async () => {
      const provider = await start({ script: { text: Array.from({ length: 10_000 }, (_, index) => `word ${index} `) }, paceMilliseconds: 5 })
      for await (const event of provider.stream(baseRequest, new AbortController().signal)) if (event.type === 'text-delta') break
      await eventually(() => expect(server?.open().answers).toBe(0))
      expect(server?.left()).toBe(1)
    })

    test('an abort in the middle throws the reason and stops the vendor', async () => {
      const provider = await start({ script: { text: Array.from({ length: 10_000 }, (_, index) => `word ${index} `) }, paceMilliseconds: 5 })
      const abort = new AbortController()
      const reason = new Error('The reader pressed stop.')
      const read = async () => { for await (const event of provider.stream(baseRequest, abort.signal)) if (event.type === 'text-delta') abort.abort(reason) }
      await expect(read()).rejects.toBe(reason)
      await eventually(() => expect(server?.open().answers).toBe(0))
      expect(server?.left()).toBe(1)
    })

    test('a finished answer leaves its connection for the next', async () => {
      const provider = await start({ script: speech })
      for (let turn = 0; turn < 10; turn += 1) await ask(provider)
      // An answer is over for its reader a moment before its last bytes are in, so the next may need a second connection.
      expect(server?.open().connections).toBeLessThanOrEqual(2)
      expect(server?.left()).toBe(0)
    })

    test.runIf(descriptor.capabilities.choices)('several choices come apart', async () => {
      const provider = await start({ script: { text: ['one'], more: [{ text: ['two'] }, { text: ['three'], finish: 'length' }] } })
      for (const streamed of [true, false]) {
        expect((await ask(provider, { streamed, choices: 3 })).choices).toMatchObject([{ text: 'one', finish: 'stop' }, { text: 'two', finish: 'stop' }, { text: 'three', finish: 'length' }])
      }
    })

    test('the models are listed by the names that a request takes', async () => {
      const provider = await start({ models: ['model-a', 'model-b'] })
      const models = await provider.listModels(new AbortController().signal)
      expect(models.map(({ id }) => id)).toEqual(['model-a', 'model-b'])
      expect(models.every(({ name }) => name !== '')).toBe(true)
    })

    test('a wrong credential is told as such, for answers and for the list', async () => {
      const provider = await start({}, 'sk-wrong-credential')
      expect((await failureOf(ask(provider))).kind).toBe('rejected-credential')
      expect((await failureOf(provider.listModels(new AbortController().signal))).kind).toBe('rejected-credential')
    })

    test.each(['server-error', 'unauthorised', 'not-http', 'redirect'] as const)('the list fails as documented on the day %s', async (day) => {
      const provider = await start({ day })
      expect((await failureOf(provider.listModels(new AbortController().signal))).kind).toBe(days[day][0])
    })

    test('a call carries its correlation id, and the credential in a header alone', async () => {
      await ask(await start({}))
      const [seen] = server?.requests ?? []
      expect(seen?.headers['x-request-id']).toBe('0199-req')
      expect(Object.values(seen?.headers ?? {}).some((value) => value.includes(CREDENTIAL))).toBe(true)
      expect(`${seen?.path} ${JSON.stringify(seen?.body)}`).not.toContain(CREDENTIAL)
    })

    test.each(['http://user:pass@host/', 'http://host/?key=1', 'http://host/#x', 'ftp://host/', 'file:///etc/passwd', 'host', ''])('the base address %j is refused', (baseUrl) => {
      expect(descriptor.config.safeParse({ baseUrl, credential: new Secret(CREDENTIAL) }).success).toBe(false)
    })

    test('a credential that no header can carry is refused, and a known one is taken', () => {
      const parse = (value: string) => descriptor.config.safeParse({ baseUrl: 'https://vendor.example/v1', credential: new Secret(value) }).success
      expect([parse('a\r\nx-evil: 1'), parse('with space'), parse(''), parse('ключ')]).toEqual([false, false, false, false])
      expect(parse(CREDENTIAL)).toBe(true)
    })
  })
}
