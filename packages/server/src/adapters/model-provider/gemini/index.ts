import * as z from 'zod'
import type { ModelProviderDescriptor, OfferedModel } from '../../../ports/model-provider.ts'
import { fetchObject, streamAnswer } from '../shared/call.ts'
import { baseUrl, credential, urlBelow } from '../shared/config.ts'
import { createEventFrames } from '../shared/frames.ts'
import { objectsAt, textAt, type JsonObject } from '../shared/json.ts'
import { MAX_MODELS, toOfferedModels } from '../shared/models.ts'
import { createScrub } from '../shared/scrub.ts'
import { createGeminiDecoder, geminiWords, modelPath, toBody } from './wire.ts'

const defaultBaseUrl = 'https://generativelanguage.googleapis.com/v1beta'
const config = z.strictObject({ baseUrl: baseUrl.prefault(defaultBaseUrl), credential })
const MAX_PAGES = 20
const PAGE_SIZE = 1_000

/** Several candidates are not open to every model of the vendor, so none is asked for. */
export const gemini: ModelProviderDescriptor<z.output<typeof config>> = {
  id: 'gemini',
  title: 'Google Gemini',
  defaultBaseUrl,
  needsCredential: true,
  config,
  capabilities: { tools: true, choices: false, grounding: false, thirdParty: true },
  create(settings, { fetchConfigured }) {
    const failures = { words: geminiWords, scrub: createScrub([settings.credential]) }
    // The vendor also takes the key in the address, where it would end in logs.
    const headers = (): Record<string, string> => ({ 'x-goog-api-key': settings.credential.reveal() })
    return {
      stream: (request, signal) => streamAnswer({
        fetchConfigured, failures, streamType: 'text/event-stream', createFrames: createEventFrames, decoder: createGeminiDecoder(failures),
        request: {
          url: urlBelow(settings.baseUrl, modelPath(request.model, request.streamed ? 'streamGenerateContent?alt=sse' : 'generateContent')),
          method: 'POST', body: toBody(request), signal, awaitsWhole: !request.streamed,
          headers: { 'content-type': 'application/json', accept: request.streamed ? 'text/event-stream' : 'application/json', 'x-request-id': request.correlationId, ...headers() },
        },
      }),
      async listModels(signal) {
        const models: OfferedModel[] = []
        let token = ''
        for (let page = 0; page < MAX_PAGES && models.length < MAX_MODELS; page += 1) {
          const url = urlBelow(settings.baseUrl, `/models?pageSize=${PAGE_SIZE}${token === '' ? '' : `&pageToken=${encodeURIComponent(token)}`}`)
          const list = await fetchObject({ fetchConfigured, failures, request: { url, method: 'GET', headers: { accept: 'application/json', ...headers() }, signal } })
          models.push(...objectsAt(list, 'models', PAGE_SIZE).filter(generatesContent).map((model) => ({ id: textAt(model, 'name').replace(/^models\//, ''), name: textAt(model, 'displayName') })))
          const next = textAt(list, 'nextPageToken')
          if (next === '' || next === token) break
          token = next
        }
        return toOfferedModels(models)
      },
    }
  },
}

/** The list also holds embedders and others that do not talk. */
const generatesContent = (model: JsonObject) => {
  const methods = model['supportedGenerationMethods']
  return !Array.isArray(methods) || methods.includes('generateContent')
}
