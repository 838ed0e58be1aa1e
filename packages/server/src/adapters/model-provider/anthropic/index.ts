import * as z from 'zod'
import type { ModelProviderDescriptor, OfferedModel } from '../../../ports/model-provider.ts'
import { fetchObject, streamAnswer } from '../shared/call.ts'
import { baseUrl, credential, urlBelow } from '../shared/config.ts'
import { createEventFrames } from '../shared/frames.ts'
import { objectsAt, textAt } from '../shared/json.ts'
import { MAX_MODELS, toOfferedModels } from '../shared/models.ts'
import { createScrub } from '../shared/scrub.ts'
import { anthropicWords, createAnthropicDecoder, toBody } from './wire.ts'

const defaultBaseUrl = 'https://api.anthropic.com'
const config = z.strictObject({
  baseUrl: baseUrl.prefault(defaultBaseUrl),
  credential,
  maxOutputTokens: z.int().min(1).max(1_000_000).default(4_096).describe('Longest answer, in tokens, where a request names none'),
})
const MAX_PAGES = 20
const PAGE_SIZE = 1_000

export const anthropic: ModelProviderDescriptor<z.output<typeof config>> = {
  id: 'anthropic',
  title: 'Anthropic',
  defaultBaseUrl,
  needsCredential: true,
  config,
  capabilities: { tools: true, choices: false, grounding: false, thirdParty: true },
  create(settings, { fetchConfigured }) {
    const messages = urlBelow(settings.baseUrl, '/v1/messages')
    const failures = { words: anthropicWords, scrub: createScrub([settings.credential]) }
    const headers = (): Record<string, string> => ({ 'x-api-key': settings.credential.reveal(), 'anthropic-version': '2023-06-01' })
    return {
      stream: (request, signal) => streamAnswer({
        fetchConfigured, failures, streamType: 'text/event-stream', createFrames: createEventFrames, decoder: createAnthropicDecoder(failures),
        request: {
          url: messages, method: 'POST', body: toBody(request, settings.maxOutputTokens), signal, awaitsWhole: !request.streamed,
          headers: { 'content-type': 'application/json', accept: request.streamed ? 'text/event-stream' : 'application/json', 'x-request-id': request.correlationId, ...headers() },
        },
      }),
      async listModels(signal) {
        const models: OfferedModel[] = []
        let after = ''
        for (let page = 0; page < MAX_PAGES && models.length < MAX_MODELS; page += 1) {
          const url = urlBelow(settings.baseUrl, `/v1/models?limit=${PAGE_SIZE}${after === '' ? '' : `&after_id=${encodeURIComponent(after)}`}`)
          const list = await fetchObject({ fetchConfigured, failures, request: { url, method: 'GET', headers: { accept: 'application/json', ...headers() }, signal } })
          models.push(...objectsAt(list, 'data', PAGE_SIZE).map((model) => ({ id: textAt(model, 'id'), name: textAt(model, 'display_name') })))
          const last = textAt(list, 'last_id')
          if (list['has_more'] !== true || last === '' || last === after) break
          after = last
        }
        return toOfferedModels(models)
      },
    }
  },
}
