import { turnEvents, type Message, type TurnEvent, type TurnEventName } from '@sallyport/contract'
import type { TurnOutput } from './turn.ts'

/** What the page needs besides the turn's own outputs, read when it is needed. */
export interface TurnContext {
  readonly turnId: string
  readonly conversationId: string | null
  readonly message: (id: string) => Promise<Message>
  /** Told of the beginning before its frame is given. */
  readonly started?: (output: Extract<TurnOutput, { type: 'start' }>) => void
}

/**
 * A turn as server-sent events. An event's id is `TURN:NUMBER:CHARACTERS`; after a break, the reader sends the last one that it saw, and
 * is given what follows: events up to that number are left out, and text up to that character. The end is never left out: what is read
 * from the store has fewer events than what was streamed (reasoning is not kept), so a number alone could hide it.
 */
export async function* toFrames(outputs: AsyncIterable<TurnOutput>, context: TurnContext, after: Position): AsyncIterable<string> {
  let number = 0
  let characters = 0
  for await (const output of outputs) {
    if (output.type === 'start') context.started?.(output)
    for (const event of await toEvents(output, context)) {
      if (event.name === 'text-delta') {
        const from = Math.max(0, after.characters - characters)
        characters += event.data.text.length
        const text = event.data.text.slice(from)
        if (text !== '') yield frame({ name: 'text-delta', data: { text } }, `${context.turnId}:${number}:${characters}`)
        continue
      }
      number += 1
      if (number > after.number || event.name === 'turn-end') yield frame(event, `${context.turnId}:${number}:${characters}`)
    }
  }
}

export interface Position { readonly number: number; readonly characters: number }
export const beginning: Position = { number: 0, characters: 0 }

/** Where a reader was. Null for an id of another turn or form. */
export function parsePosition(turnId: string, lastEventId: string | null): Position | null {
  if (lastEventId === null) return beginning
  const match = /^(trn_[0-9a-f]{32}):(\d{1,9}):(\d{1,9})$/.exec(lastEventId)
  return match === null || match[1] !== turnId ? null : { number: Number(match[2]), characters: Number(match[3]) }
}

async function toEvents(output: TurnOutput, { turnId, conversationId, message }: TurnContext): Promise<readonly TurnEvent[]> {
  switch (output.type) {
    case 'start': return [{ name: 'turn-start', data: { turnId, conversationId, model: output.model, question: output.questionId === null ? null : await message(output.questionId), answerId: output.answerId, ...(output.cache !== null && { cache: output.cache }) } }]
    case 'passages': return [{ name: 'passages-found', data: { citations: [...output.citations] } }]
    case 'text-delta': return [{ name: 'text-delta', data: { text: output.text } }]
    case 'reasoning-delta': return [{ name: 'reasoning-delta', data: { text: output.text } }]
    case 'notice': return [{ name: 'notice-added', data: output.notice }]
    case 'end': return [{ name: 'turn-end', data: { status: output.status, usage: output.usage, answer: output.answerId === null ? null : await message(output.answerId) } }]
    case 'model': case 'tool-call-delta': case 'finish': case 'usage': return []
  }
}

/** One server-sent event (WHATWG HTML, section 9.2). JSON holds no line feed, so one `data` line is enough. */
export function frame<Name extends TurnEventName>(event: Extract<TurnEvent, { name: Name }>, id: string | null): string {
  const data = JSON.stringify(turnEvents[event.name].parse(event.data))
  return `${id === null ? '' : `id: ${id}\n`}event: ${event.name}\ndata: ${data}\n\n`
}
