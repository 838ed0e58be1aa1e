import * as z from 'zod'
import { idOf, line, Moment } from './common.ts'

/** Longer than this nobody reads another's conversations without saying again why. */
export const MOST_ACCESS_MINUTES = 60

/** One time in which somebody may read, or could read, the conversations of another account. */
export const ConversationAccess = z.strictObject({
  id: idOf('conversationAccess'), accountId: idOf('account').describe('Whose conversations'),
  reader: z.strictObject({ id: idOf('account'), name: z.string() }), reason: z.string(),
  openedAt: Moment, endsAt: Moment, closedAt: Moment.nullable(),
  reads: z.int().describe('How often something was read'), lastReadAt: Moment.nullable(),
  conversations: z.array(idOf('conversation')).describe('Those whose messages were read'),
})
export type ConversationAccess = z.output<typeof ConversationAccess>
export const ConversationAccessRequest = z.strictObject({
  reason: line(500).min(10, 'Say why in at least 10 characters: the owner of the conversations reads it.'),
  minutes: z.int(`Give a whole number of minutes, from 1 to ${MOST_ACCESS_MINUTES}.`).min(1, 'Give at least 1 minute.').max(MOST_ACCESS_MINUTES, `Give at most ${MOST_ACCESS_MINUTES} minutes.`),
})
