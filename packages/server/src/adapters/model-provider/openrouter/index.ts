import * as z from 'zod'
import type { ModelProviderDescriptor } from '../../../ports/model-provider.ts'
import { baseUrl, credential } from '../shared/config.ts'
import { createOpenAiWireProvider } from '../shared/openai-wire/provider.ts'
import { openRouterDialect, openRouterWords } from './wire.ts'

const defaultBaseUrl = 'https://openrouter.ai/api/v1'
const config = z.strictObject({ baseUrl: baseUrl.prefault(defaultBaseUrl), credential })

/** Many vendors behind one key. Not all of them give several choices in one call, so none is asked to. */
export const openRouter: ModelProviderDescriptor<z.output<typeof config>> = {
  id: 'openrouter',
  title: 'OpenRouter',
  defaultBaseUrl,
  needsCredential: true,
  config,
  capabilities: { tools: true, choices: false, grounding: false, thirdParty: true },
  create: (settings, deps) => createOpenAiWireProvider({ ...settings, words: openRouterWords, dialect: openRouterDialect }, deps),
}
