import type { FailureWords } from '../shared/failures.ts'
import { openAiWords } from '../shared/openai-wire/provider.ts'
import type { Dialect } from '../shared/openai-wire/request.ts'

/** openrouter.ai/docs/api-reference: OpenAI's wire with an effort that every vendor behind it understands. */
export const openRouterDialect: Dialect = {
  maxOutputTokensName: 'max_tokens',
  reasoning: (effort) => ({ reasoning: { effort } }),
  countsInStreams: true,
}

/** 403 says that the moderation of the vendor behind refused the text; the key is fine. */
export const openRouterWords: FailureWords = { ...openAiWords, 403: 'refused-request' }
