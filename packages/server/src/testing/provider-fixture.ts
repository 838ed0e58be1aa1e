import { readFileSync } from 'node:fs'
import { Secret } from '../kernel/secret.ts'
import type { EgressRequest } from '../ports/egress.ts'
import type { ModelEvent, ModelProviderDescriptor, ModelRequest } from '../ports/model-provider.ts'
import { playBack } from './recorded-egress.ts'

export interface Exchanged { readonly request: EgressRequest; readonly body: unknown; readonly events: readonly ModelEvent[] }
export interface Fixture {
  readonly descriptor: ModelProviderDescriptor
  /** The recorded answer. */
  readonly file: URL
  readonly contentType: string
  readonly request: ModelRequest
  readonly settings?: Readonly<Record<string, unknown>>
}

/** Plays a recorded answer to one request, and gives what was sent and what was understood. */
export async function exchange({ descriptor, file, contentType, request, settings }: Fixture): Promise<Exchanged> {
  let sent: EgressRequest | undefined
  const play = playBack({ contentType, chunks: [readFileSync(file)] })
  const config = descriptor.config.parse({ ...(descriptor.defaultBaseUrl === null && { baseUrl: 'http://models.test:8000/v1' }), credential: new Secret('sk-fixture'), ...settings })
  const provider = descriptor.create(config, { fetchConfigured: (one) => { sent = one; return play(one) } })
  const events: ModelEvent[] = []
  for await (const event of provider.stream(request, new AbortController().signal)) events.push(event)
  if (sent === undefined) throw new Error('Nothing was sent.')
  return { request: sent, body: JSON.parse(Buffer.from(sent.body ?? 'null').toString('utf8')), events }
}

const schema = { type: 'object', properties: { town: { type: 'string' } }, required: ['town'] }

/** A request that uses everything a request has. */
export const fullRequest: ModelRequest = {
  model: 'model-a', streamed: true, choices: 1, passages: [], correlationId: 'req-7',
  messages: [
    { role: 'system', text: 'Be brief.' }, { role: 'user', text: 'Weather in Bern and Chur?' },
    { role: 'assistant', text: 'I look.', toolCalls: [{ id: 'call_1', name: 'get_weather', argumentsText: '{"town":"Bern"}' }, { id: 'call_2', name: 'get_weather', argumentsText: '{"town":"Chur"}' }] },
    { role: 'tool', toolCallId: 'call_1', text: 'sun' }, { role: 'tool', toolCallId: 'call_2', text: 'rain' }, { role: 'user', text: 'So?' },
  ],
  tools: [{ name: 'get_weather', description: 'The weather of a town', parameters: schema }],
  toolChoice: { name: 'get_weather' },
  options: {
    temperature: 1.25, topP: 0.5, maxOutputTokens: 99, stop: ['END'], seed: 3, presencePenalty: 0.5, frequencyPenalty: 0.25, parallelToolCalls: false, reasoningEffort: 'medium',
    responseFormat: { type: 'json-schema', name: 'weather', schema },
  },
}
export const weatherSchema = schema
