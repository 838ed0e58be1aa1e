import { TOKEN_WEIGHT, weighText } from '../../kernel/estimate-tokens.ts'
import { tokenEstimate } from '../../policy/limits.ts'
import type { ModelEvent, ModelMessage, ModelOptions, ModelRequest } from '../../ports/model-provider.ts'

/** All of a request that a vendor counts as input. */
export interface Sent extends Pick<ModelRequest, 'messages' | 'tools' | 'passages'> { readonly options: Pick<ModelOptions, 'responseFormat'> }

/** What every text of a request weighs (see `weighText`): instructions, messages, calls of tools and what came of them, passages, tools and the schema of the answer. */
export function weighTexts({ messages, tools, passages, options }: Sent): number {
  let weight = 0
  for (const message of messages) weight += weighMessage(message)
  for (const { title, heading, text } of passages) weight += weighText(title) + weighText(heading) + weighText(text)
  if (tools.length > 0) weight += weighText(JSON.stringify(tools))
  if (options.responseFormat?.type === 'json-schema') weight += weighText(JSON.stringify(options.responseFormat))
  return weight
}

/** The same with what stands around each message. */
export const weighRequest = (sent: Sent): number => weighTexts(sent) + sent.messages.length * tokenEstimate.perMessage * TOKEN_WEIGHT

function weighMessage(message: ModelMessage): number {
  const text = weighText(message.text)
  if (message.role === 'tool') return text + weighText(message.toolCallId)
  if (message.role !== 'assistant') return text
  return message.toolCalls.reduce((sum, { id, name, argumentsText }) => sum + weighText(id) + weighText(name) + weighText(argumentsText), text)
}

/** What a piece of an answer weighs. */
export function weighEvent(event: ModelEvent): number {
  if ('text' in event) return weighText(event.text)
  return event.type === 'tool-call-delta' ? weighText(event.argumentsText) + weighText(event.name ?? '') : 0
}
