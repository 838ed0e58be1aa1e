import { createAnthropic } from '@ai-sdk/anthropic'
import { createGoogleGenerativeAI } from '@ai-sdk/google'
import { createOpenAI } from '@ai-sdk/openai'
import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import { createOpenRouter } from '@openrouter/ai-sdk-provider'
import { createOllama } from 'ai-sdk-ollama'
import { generateText, jsonSchema, streamText, tool, type LanguageModel, type ToolSet } from 'ai'
import { describe, expect, test } from 'vitest'
import { modelProviders } from '../../src/adapters/model-provider/index.ts'
import { Secret } from '../../src/kernel/secret.ts'
import { collectEvents } from '../../src/testing/collect-events.ts'
import { baseRequest } from '../../src/testing/model-provider.suite.ts'
import { cutEverywhere, cutInto, playBack, type Recording } from '../../src/testing/recorded-egress.ts'
import { completeScript, type VendorScript } from '../../src/testing/vendor-script.ts'
import { vendorWires, type VendorName } from '../../src/testing/vendor-server.ts'

/** The same bytes go through our adapter and through the AI SDK's provider for the vendor; both must understand them alike. */
const MODEL = 'gemini-2.5-flash'
const KEY = 'sk-oracle'
const oracles: Readonly<Record<VendorName, (fetch: typeof globalThis.fetch) => LanguageModel>> = {
  openai: (fetch) => createOpenAI({ apiKey: KEY, baseURL: 'http://vendor.test/v1', fetch }).chat(MODEL),
  'openai-compatible': (fetch) => createOpenAICompatible({ name: 'any', apiKey: KEY, baseURL: 'http://vendor.test/v1', includeUsage: true, fetch }).chatModel(MODEL),
  openrouter: (fetch) => createOpenRouter({ apiKey: KEY, baseURL: 'http://vendor.test/api/v1', fetch }).chat(MODEL),
  gemini: (fetch) => createGoogleGenerativeAI({ apiKey: KEY, baseURL: 'http://vendor.test/v1beta', fetch }).chat(MODEL),
  anthropic: (fetch) => createAnthropic({ apiKey: KEY, baseURL: 'http://vendor.test/v1', fetch })('claude-sonnet-4-5'),
  ollama: (fetch) => createOllama({ baseURL: 'http://vendor.test', fetch })(MODEL),
}

const tools = [
  { name: 'get_weather', description: 'The weather', parameters: { type: 'object', properties: { town: { type: 'string' } } } },
  { name: 'get_time', description: 'The time', parameters: { type: 'object', properties: {} } },
]
const theirTools: ToolSet = Object.fromEntries(tools.map(({ name, description, parameters }) => [name, tool({ description, inputSchema: jsonSchema(parameters as Parameters<typeof jsonSchema>[0]) })]))

const scripts: Readonly<Record<string, VendorScript>> = {
  'plain words': { text: ['Hello', ', ', 'world', '.'] },
  'many scripts and signs': { text: ['Grüß dich', ' 世界', ' 👋🏽', '\u2028', '\n\ndata: x\r\n', '"quoted" \\ {}', ' नमस्ते', '\u0000'], usage: { inputTokens: 1_234, outputTokens: 567 } },
  'one call of a tool': { toolCalls: [{ id: 'call_1', name: 'get_weather', argumentsText: ['{"to', 'wn":"Zü', 'rich"}'] }] },
  'calls beside words': { text: ['I look', '.'], toolCalls: [{ id: 'call_1', name: 'get_weather', argumentsText: ['{"town":"Bern"}'] }, { id: 'call_2', name: 'get_time', argumentsText: ['{}'] }, { id: 'call_3', name: 'get_weather', argumentsText: ['{"town":', '"Chur"}'] }] },
  'reasoning before words': { reasoning: ['First', ' this, ', 'then that.'], text: ['So ', 'be it.'], usage: { inputTokens: 5, outputTokens: 40 } },
  'an answer cut short': { text: ['Once upon'], finish: 'length' },
  'an answer withheld': { text: ['I'], finish: 'content-filter' },
  'an empty answer': { text: [] },
}

interface Understood { readonly text: string; readonly reasoning: string; readonly calls: readonly { readonly name: string; readonly input: unknown }[]; readonly finish: string; readonly usage: unknown }

function record(vendor: VendorName, script: VendorScript, streamed: boolean): Recording {
  const wire = vendorWires[vendor]
  const full = completeScript(script)
  return streamed
    ? { contentType: wire.streamType, chunks: [Buffer.from(wire.stream(full, MODEL).join(''))] }
    : { contentType: 'application/json', chunks: [Buffer.from(JSON.stringify(wire.whole(full, MODEL)))] }
}

async function ours(vendor: VendorName, recording: Recording, streamed: boolean): Promise<Understood> {
  const descriptor = modelProviders.find(({ id }) => id === vendor)
  if (descriptor === undefined) throw new Error(`No adapter for ${vendor}.`)
  const config = descriptor.config.parse({ baseUrl: 'http://vendor.test/v1', credential: new Secret(KEY) })
  const provider = descriptor.create(config, { fetchConfigured: playBack(recording) })
  const { choices: [choice], usage } = await collectEvents(provider.stream({ ...baseRequest, streamed, tools }, new AbortController().signal))
  return {
    text: choice?.text ?? '', reasoning: choice?.reasoning ?? '', finish: choice?.finish ?? '', usage,
    calls: (choice?.toolCalls ?? []).map(({ name, argumentsText }) => ({ name, input: JSON.parse(argumentsText || '{}') as unknown })),
  }
}

async function theirs(vendor: VendorName, { contentType, chunks }: Recording, streamed: boolean): Promise<Understood> {
  const model = oracles[vendor](() => Promise.resolve(new Response(new Blob(chunks.map((chunk) => new Uint8Array(chunk))).stream(), { headers: { 'content-type': contentType } })))
  const call = { model, tools: theirTools, prompt: 'Good morning', maxRetries: 0 }
  const result = streamed ? streamText({ ...call, onError: ({ error }) => { throw error } }) : await generateText(call)
  const usage = await result.usage
  return {
    text: await result.text, reasoning: await result.reasoningText ?? '', finish: await result.finishReason,
    usage: { inputTokens: usage.inputTokens, outputTokens: usage.outputTokens },
    calls: (await result.toolCalls).map(({ toolName, input }) => ({ name: toolName, input: input as unknown })),
  }
}

describe.each(Object.keys(vendorWires) as VendorName[])('%s', (vendor) => {
  describe.each([true, false])('streamed: %s', (streamed) => {
    test.each(Object.entries(scripts))('%s: means the same to us and to the oracle', async (_, script) => {
      const recording = record(vendor, script, streamed)
      expect(await ours(vendor, recording, streamed)).toEqual(await theirs(vendor, recording, streamed))
    })
  })

  test('a stream cut at any byte means what the oracle reads in the whole', async () => {
    for (const name of ['many scripts and signs', 'calls beside words']) {
      const recording = record(vendor, scripts[name] ?? {}, true)
      const expected = await theirs(vendor, recording, true)
      const bytes = Buffer.concat(recording.chunks)
      for (const chunks of [...cutEverywhere(bytes), cutInto(bytes, 1), cutInto(bytes, 2), cutInto(bytes, 7)]) {
        expect(await ours(vendor, { ...recording, chunks }, true)).toEqual(expected)
      }
    }
  })

  test('the comparison can fail: another stream means something else', async () => {
    const one = record(vendor, { text: ['Hello'] }, true)
    const other = record(vendor, { text: ['Hullo'] }, true)
    expect(await ours(vendor, one, true)).not.toEqual(await theirs(vendor, other, true))
  })
})
