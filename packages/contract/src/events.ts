import * as z from 'zod'
import { Citation, Message, Notice, Usage } from './schemas/chat.ts'
import { idOf } from './schemas/common.ts'
import { Problem } from './problems.ts'

/** The events of one turn, in order of appearance. Server-sent events: `event` is the name, `data` the JSON, `id` is `TURN:NUMBER`. */
export const turnEvents = {
  'turn-start': z.strictObject({
    turnId: idOf('turn'), conversationId: idOf('conversation').nullable(), model: z.string(),
    question: Message.nullable().describe('Stored by now; null where nothing is kept'),
    answerId: idOf('message').nullable(),
    cache: z.enum(['hit', 'miss']).optional().describe('Whether the answer was kept from before; left out where none may be'),
  }),
  'passages-found': z.strictObject({ citations: z.array(Citation) }),
  'text-delta': z.strictObject({ text: z.string() }),
  'reasoning-delta': z.strictObject({ text: z.string() }),
  'notice-added': Notice,
  /** The answer is stored by now. Always last, unless `problem` is. */
  'turn-end': z.strictObject({ status: Message.shape.status, usage: Usage, answer: Message.nullable() }),
  problem: Problem,
} as const
export type TurnEventName = keyof typeof turnEvents
export type TurnEvent = { [Name in TurnEventName]: { readonly name: Name; readonly data: z.output<(typeof turnEvents)[Name]> } }[TurnEventName]
