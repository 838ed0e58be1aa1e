import * as z from 'zod'
import type { ModelProviderDescriptor } from '../../../ports/model-provider.ts'
import { baseUrl, credential } from '../shared/config.ts'
import { createOpenAiWireProvider, openAiWords } from '../shared/openai-wire/provider.ts'
import { openAiDialect } from './wire.ts'

const defaultBaseUrl = 'https://api.openai.com/v1'
const config = z.strictObject({ baseUrl: baseUrl.prefault(defaultBaseUrl), credential })

export const openAi: ModelProviderDescriptor<z.output<typeof config>> = {
  id: 'openai',
  title: 'OpenAI',
  defaultBaseUrl,
  needsCredential: true,
  config,
  capabilities: { tools: true, choices: true, grounding: false, thirdParty: true },
  create: (settings, deps) => createOpenAiWireProvider({ ...settings, words: openAiWords, dialect: openAiDialect }, deps),
}
