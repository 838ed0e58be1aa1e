import type { Secret } from '../../../../kernel/secret.ts'
import type { ModelProvider, ModelProviderDeps } from '../../../../ports/model-provider.ts'
import { fetchObject, streamAnswer } from '../call.ts'
import { urlBelow } from '../config.ts'
import type { FailureWords } from '../failures.ts'
import { createEventFrames } from '../frames.ts'
import { objectsAt, textAt } from '../json.ts'
import { MAX_MODELS, toOfferedModels } from '../models.ts'
import { createScrub } from '../scrub.ts'
import { createOpenAiDecoder } from './decoder.ts'
import { toBody, type Dialect } from './request.ts'

/** The words of OpenAI's `error.code` and `error.type` that say more than the status. */
export const openAiWords: FailureWords = {
  model_not_found: 'unknown-model', invalid_api_key: 'rejected-credential', authentication_error: 'rejected-credential',
  insufficient_quota: 'rate-limited', rate_limit_exceeded: 'rate-limited', server_error: 'failed',
}

export interface OpenAiSettings {
  readonly baseUrl: URL
  readonly credential: Secret | undefined
  readonly words: FailureWords
  readonly dialect: Dialect
}

/** A provider that speaks OpenAI's chat completions below a base address. */
export function createOpenAiWireProvider(settings: OpenAiSettings, { fetchConfigured }: ModelProviderDeps): ModelProvider {
  const { credential, dialect } = settings
  const completions = urlBelow(settings.baseUrl, '/chat/completions')
  const models = urlBelow(settings.baseUrl, '/models')
  const failures = { words: settings.words, scrub: createScrub(credential === undefined ? [] : [credential]) }
  const authorization = (): Record<string, string> => credential === undefined ? {} : { authorization: `Bearer ${credential.reveal()}` }
  return {
    stream: (request, signal) => streamAnswer({
      fetchConfigured, failures, streamType: 'text/event-stream', createFrames: createEventFrames, decoder: createOpenAiDecoder(request.choices, failures),
      request: {
        url: completions, method: 'POST', body: toBody(request, dialect), signal, awaitsWhole: !request.streamed,
        headers: { 'content-type': 'application/json', accept: request.streamed ? 'text/event-stream' : 'application/json', 'x-request-id': request.correlationId, ...authorization() },
      },
    }),
    async listModels(signal) {
      const list = await fetchObject({ fetchConfigured, failures, request: { url: models, method: 'GET', headers: { accept: 'application/json', ...authorization() }, signal } })
      return toOfferedModels(objectsAt(list, 'data', MAX_MODELS).map((model) => ({ id: textAt(model, 'id'), name: textAt(model, 'name') })))
    },
  }
}
