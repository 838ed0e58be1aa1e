import type { Surface } from '@sallyport/guard'
import type { ToolCallRule } from '../policy/guarding.ts'
import type { GroundingPassage, ModelMessage } from '../ports/model-provider.ts'
import type { ClearedEvent } from './turn.ts'

/** The type of the notice on tool calls that follow from text from outside. */
export const outsideToolCall = 'outside-tool-call'

interface Read { readonly messages: readonly ModelMessage[]; readonly passages: readonly GroundingPassage[] }
type Action = ToolCallRule[keyof ToolCallRule]
const strictness: readonly Action[] = ['allow', 'warn', 'challenge', 'block']

/** What the policy says of a tool call after all that the model has read. Instructions may hide in any of it, however long ago, so nothing of it is forgotten. */
export function ruleOfCalls(rule: ToolCallRule, { messages, passages }: Read): Action {
  const read: readonly (Surface & keyof ToolCallRule)[] = [...(passages.length > 0 ? ['retrieved' as const] : []), ...(messages.some(({ role }) => role === 'tool') ? ['tool' as const] : [])]
  return read.map((surface) => rule[surface]).reduce((one, other) => (strictness.indexOf(other) > strictness.indexOf(one) ? other : one), 'allow')
}

/**
 * Marks the tool calls of an answer that may follow from text from outside (GRD-2): a person must approve them before they are carried
 * out. One notice for each choice says how many there are. Where the policy blocks them, the answer ends before the first.
 */
export async function* markToolCalls(events: AsyncIterable<ClearedEvent>, action: Action): AsyncIterable<ClearedEvent> {
  const counts = new Map<number, number>()
  for await (const event of events) {
    if (event.type === 'tool-call-delta' && event.id !== undefined && action !== 'allow') {
      if (action === 'block') {
        yield { type: 'notice', notice: { place: 'answer', type: outsideToolCall, action, count: 1 } }
        yield { type: 'finish', choice: event.choice, reason: 'content-filter' }
        return
      }
      counts.set(event.choice, (counts.get(event.choice) ?? 0) + 1)
      yield action === 'challenge' ? { ...event, needsApproval: true } : event
      continue
    }
    if (event.type === 'finish') {
      const count = counts.get(event.choice) ?? 0
      if (count > 0) yield { type: 'notice', notice: { place: 'answer', type: outsideToolCall, action, count } }
    }
    yield event
  }
}
