import { tokensOf } from '../../kernel/estimate-tokens.ts'
import { answerCharacters, believedCounts } from '../../policy/limits.ts'
import type { ModelEvent, ModelRequest } from '../../ports/model-provider.ts'
import { weighEvent, weighRequest, weighTexts } from './weigh-request.ts'

type UsageEvent = Extract<ModelEvent, { type: 'usage' }>
/** A count that cannot be true, and the one that is taken for it. */
export interface ImplausibleUsage { readonly counted: Omit<UsageEvent, 'type'>; readonly believed: Omit<UsageEvent, 'type'> }

/**
 * Takes the events of one call and gives them back, with the vendor's count brought within what the request and its answer can have been:
 * no token is shorter than a byte, no answer longer than was asked for or came, and neither is far below the estimate. So neither a vendor that
 * counts nothing nor one that counts without end decides what a budget holds.
 */
export function createUsageJudge(request: ModelRequest, tell: (found: ImplausibleUsage) => void): (event: ModelEvent) => ModelEvent {
  let output = 0
  return (event) => {
    if (event.type !== 'usage') {
      output += weighEvent(event)
      return event
    }
    const { leastShare, addedTokens } = believedCounts
    const most = Math.max(output, (request.options.maxOutputTokens ?? answerCharacters) * request.choices)
    const believed = {
      inputTokens: within(event.inputTokens, tokensOf(weighTexts(request) * leastShare), weighRequest(request) + addedTokens),
      outputTokens: within(event.outputTokens, tokensOf(output * leastShare), most),
    }
    if (believed.inputTokens === event.inputTokens && believed.outputTokens === event.outputTokens) return event
    tell({ counted: { inputTokens: event.inputTokens, outputTokens: event.outputTokens }, believed })
    return { type: 'usage', ...believed }
  }
}

const within = (count: number, least: number, most: number) => Math.min(Math.max(count, least), most)
