import type { Usage } from '@sallyport/contract'
import { weighEvent, weighRequest, type Sent } from '../domains/models/index.ts'
import { tokensOf } from '../kernel/estimate-tokens.ts'
import type { ModelEvent } from '../ports/model-provider.ts'

interface ModelCall { readonly sent: Sent; hasBegun: boolean; outputWeight: number; counted: Usage | null }

/** What the models of one turn have used so far. */
export interface Spending {
  /** A model is sent this. What another was sent that never began costs nothing. */
  asked(sent: Sent): void
  /** Whether all answers so far would have more tokens than that with this piece, by estimate. */
  wouldExceed(tokens: number, event: ModelEvent): boolean
  /** It gave this. */
  came(event: ModelEvent): void
  /**
   * By the vendor's own count where there is one, else by estimate: nothing where no model has begun to answer. A question that its reader
   * left (`wasLeft`) was sent all the same, and its vendor is owed for it.
   */
  usage(wasLeft: boolean): Usage
}

/** Counts what a turn uses, by what goes to the models and comes from them. */
export function createSpending(): Spending {
  const calls: ModelCall[] = []
  let outputWeight = 0
  const usageOf = ({ sent, outputWeight: weight, counted }: ModelCall): Usage => counted ?? { inputTokens: tokensOf(weighRequest(sent)), outputTokens: tokensOf(weight) }
  return {
    asked(sent) {
      if (calls.at(-1)?.hasBegun === false) calls.pop()
      calls.push({ sent, hasBegun: false, outputWeight: 0, counted: null })
    },
    came(event) {
      const call = calls.at(-1)
      if (call === undefined) return
      call.hasBegun = true
      if (event.type === 'usage') {
        call.counted = { inputTokens: event.inputTokens, outputTokens: event.outputTokens }
        return
      }
      const weight = weighEvent(event)
      call.outputWeight += weight
      outputWeight += weight
    },
    wouldExceed: (tokens, event) => tokens !== Infinity && tokensOf(outputWeight + weighEvent(event)) > tokens,
    usage(wasLeft) {
      let [inputTokens, outputTokens] = [0, 0]
      for (const call of calls) {
        if (!call.hasBegun && !wasLeft) continue
        const used = usageOf(call)
        inputTokens += used.inputTokens
        outputTokens += used.outputTokens
      }
      return { inputTokens, outputTokens }
    },
  }
}
