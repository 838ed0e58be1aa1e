import * as z from 'zod'
import type { ModelProviderDescriptor } from '../../../ports/model-provider.ts'
import { baseUrl, credential } from '../shared/config.ts'
import { createOpenAiWireProvider, openAiWords } from '../shared/openai-wire/provider.ts'
import { compatibleDialect } from './wire.ts'

const config = z.strictObject({
  baseUrl,
  credential: credential.optional(),
  countsInStreams: z.boolean().default(true).describe('Ask for token counts in streams'),
})

/** vLLM, llama.cpp, LM Studio, LocalAI and others. Such a server may stand anywhere, so its text counts as leaving the house. */
export const openAiCompatible: ModelProviderDescriptor<z.output<typeof config>> = {
  id: 'openai-compatible',
  title: 'OpenAI-compatible server',
  defaultBaseUrl: null,
  needsCredential: false,
  config,
  capabilities: { tools: true, choices: false, grounding: false, thirdParty: true },
  create: (settings, deps) => createOpenAiWireProvider({
    baseUrl: settings.baseUrl, credential: settings.credential, words: openAiWords, dialect: compatibleDialect(settings.countsInStreams),
  }, deps),
}
