import { setTimeout as sleep } from 'node:timers/promises'
import * as z from 'zod'
import { beginningOf, estimateTokens, tokensOf, weighText } from '../../../kernel/estimate-tokens.ts'
import type { FinishReason, ModelEvent, ModelProvider, ModelProviderDescriptor, ModelRequest } from '../../../ports/model-provider.ts'
import { composeAnswer } from './compose-answer.ts'
import { smallTalk } from './small-talk.ts'

const Config = z.strictObject({
  wordMilliseconds: z.int().min(0).max(200).default(12).describe('How fast it writes'),
})
type Config = z.output<typeof Config>

const MODEL = { id: 'library', name: 'Built-in assistant (answers from documents)' }
/** How this assistant says that it does not know. */
export const UNKNOWN = 'I do not know: nothing in the documents that I can read answers this. I answer only from the handbook and from documents that were added here. '
  + 'Add a document that says more, ask in other words, or choose another model.'

/** Waits, and throws when `signal` aborts. */
export type Wait = (milliseconds: number, signal: AbortSignal) => Promise<void>
const wait: Wait = async (milliseconds, signal) => { await sleep(milliseconds, undefined, { signal }) }

/** The built-in assistant: answers from the request's passages in their own words, with citations, or says that it does not know. No key, no network. */
export const createLibraryProvider = ({ wordMilliseconds }: Config, pause: Wait = wait): ModelProvider => ({
  async *stream(request, signal) {
    signal.throwIfAborted()
    const { text, reason } = shortened(answerTo(request), request.options)
    let output = 0
    for (const [piece] of text.matchAll(/\s*\S+|\s+$/g)) {
      yield { type: 'text-delta', choice: 0, text: piece } satisfies ModelEvent
      output += weighText(piece)
      if (wordMilliseconds > 0) await pause(wordMilliseconds, signal).catch((error: unknown) => { signal.throwIfAborted(); throw error })
      signal.throwIfAborted()
    }
    yield { type: 'finish', choice: 0, reason } satisfies ModelEvent
    const input = [...request.messages.map((message) => message.text), ...request.passages.map((passage) => passage.text)]
    // It has no tokens of its own; this is for budgets and the usage report.
    yield { type: 'usage', inputTokens: input.reduce((sum, part) => sum + estimateTokens(part), 0), outputTokens: tokensOf(output) } satisfies ModelEvent
  },
  listModels: () => Promise.resolve([MODEL]),
})

/** The whole answer to the last question. */
function answerTo(request: ModelRequest): string {
  const questions = request.messages.filter((message) => message.role === 'user').map((message) => message.text)
  const text = questions.at(-1) ?? ''
  return smallTalk(text) ?? composeAnswer({ text, earlier: questions.slice(0, -1) }, request.passages) ?? UNKNOWN
}

function shortened(text: string, { stop = [], maxOutputTokens = Number.POSITIVE_INFINITY }: ModelRequest['options']): { readonly text: string; readonly reason: FinishReason } {
  const stops = stop.filter((end) => end !== '').map((end) => text.indexOf(end)).filter((at) => at >= 0)
  const kept = text.slice(0, Math.min(text.length, ...stops))
  const beginning = beginningOf(kept, maxOutputTokens)
  return { text: beginning, reason: beginning === kept ? 'stop' : 'length' }
}

export const library: ModelProviderDescriptor<Config> = {
  id: 'library',
  title: 'Built-in assistant',
  defaultBaseUrl: null,
  needsCredential: false,
  config: Config,
  capabilities: { tools: false, choices: false, grounding: true, thirdParty: false },
  create: (config) => createLibraryProvider(config),
}
