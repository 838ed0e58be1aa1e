import type { ModelMessage, ToolCall } from '../../../ports/model-provider.ts'
import { isObject, type JsonObject } from './json.ts'

/** For vendors that take instructions apart from the talk: every system message, in order. Empty when there is none. */
export const systemTextOf = (messages: readonly ModelMessage[]): string =>
  messages.filter(({ role }) => role === 'system').map((message) => ('text' in message ? message.text : '')).filter((text) => text !== '').join('\n\n')

/** For vendors that take a call's arguments as an object. What a model once wrote and is no object goes along under a name of its own. */
export function toArgumentsObject(argumentsText: string): JsonObject {
  if (argumentsText.trim() === '') return {}
  try {
    const value: unknown = JSON.parse(argumentsText)
    if (isObject(value)) return value
  } catch { /* told below */ }
  return { unreadableArguments: argumentsText }
}

/** The tool calls of a talk by their ids, for vendors that want the tool's name beside its result. */
export const toolNamesOf = (messages: readonly ModelMessage[]): ReadonlyMap<string, string> =>
  new Map(messages.flatMap((message): readonly ToolCall[] => (message.role === 'assistant' ? message.toolCalls : [])).map(({ id, name }) => [id, name]))

/** Turns of one voice after another joined into one, for vendors that want the voices to alternate. */
export function joinTurns<Role extends string, Part>(turns: Iterable<{ readonly role: Role; readonly parts: readonly Part[] }>): { role: Role; parts: Part[] }[] {
  const joined: { role: Role; parts: Part[] }[] = []
  for (const { role, parts } of turns) {
    const last = joined.at(-1)
    if (parts.length === 0) continue
    if (last?.role === role) last.parts.push(...parts)
    else joined.push({ role, parts: [...parts] })
  }
  return joined
}
