import * as z from 'zod'
import type { ModelProviderDescriptor } from '../../../ports/model-provider.ts'
import { fetchObject, streamAnswer } from '../shared/call.ts'
import { baseUrl, credential, urlBelow } from '../shared/config.ts'
import { createLineFrames } from '../shared/frames.ts'
import { objectsAt, textAt } from '../shared/json.ts'
import { MAX_MODELS, toOfferedModels } from '../shared/models.ts'
import { createScrub } from '../shared/scrub.ts'
import { createOllamaDecoder, toBody } from './wire.ts'

const defaultBaseUrl = 'http://127.0.0.1:11434'
/** A proxy before the server may want a key; the server itself has none. */
const config = z.strictObject({ baseUrl: baseUrl.prefault(defaultBaseUrl), credential: credential.optional() })

export const ollama: ModelProviderDescriptor<z.output<typeof config>> = {
  id: 'ollama',
  title: 'Ollama',
  defaultBaseUrl,
  needsCredential: false,
  config,
  capabilities: { tools: true, choices: false, grounding: false, thirdParty: false },
  create(settings, { fetchConfigured }) {
    const chat = urlBelow(settings.baseUrl, '/api/chat')
    const tags = urlBelow(settings.baseUrl, '/api/tags')
    const failures = { words: {}, scrub: createScrub(settings.credential === undefined ? [] : [settings.credential]) }
    const headers = (): Record<string, string> => settings.credential === undefined ? {} : { authorization: `Bearer ${settings.credential.reveal()}` }
    return {
      stream: (request, signal) => streamAnswer({
        fetchConfigured, failures, streamType: 'application/x-ndjson', createFrames: createLineFrames, decoder: createOllamaDecoder(failures),
        request: {
          url: chat, method: 'POST', body: toBody(request), signal, awaitsWhole: !request.streamed,
          headers: { 'content-type': 'application/json', accept: request.streamed ? 'application/x-ndjson' : 'application/json', 'x-request-id': request.correlationId, ...headers() },
        },
      }),
      async listModels(signal) {
        const list = await fetchObject({ fetchConfigured, failures, request: { url: tags, method: 'GET', headers: { accept: 'application/json', ...headers() }, signal } })
        return toOfferedModels(objectsAt(list, 'models', MAX_MODELS).map((model) => ({ id: textAt(model, 'model') || textAt(model, 'name'), name: textAt(model, 'name') })))
      },
    }
  },
}
