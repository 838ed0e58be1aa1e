import type { Dialect } from '../shared/openai-wire/request.ts'

/** OpenAI's own dialect: its reasoning models refuse `max_tokens`. */
export const openAiDialect: Dialect = {
  maxOutputTokensName: 'max_completion_tokens',
  reasoning: (effort) => ({ reasoning_effort: effort }),
  countsInStreams: true,
}
