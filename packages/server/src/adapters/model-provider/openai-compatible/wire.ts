import type { Dialect } from '../shared/openai-wire/request.ts'

/** The oldest names, which every server of this kind knows. */
export const compatibleDialect = (countsInStreams: boolean): Dialect => ({
  maxOutputTokensName: 'max_tokens',
  reasoning: (effort) => ({ reasoning_effort: effort }),
  countsInStreams,
})
