import * as z from 'zod'
import { idOf, line, ModelId, Moment } from './common.ts'

export const MessageText = z.string().min(1).max(100_000)

export const Citation = z.strictObject({
  number: z.int().positive().describe('As written in the answer: [1]'),
  passageId: idOf('passage'), documentId: idOf('document'), title: z.string(), heading: z.string(),
})
export type Citation = z.output<typeof Citation>

/** What the guard changed or noticed: type, place and count, never the value. */
export const Notice = z.strictObject({
  place: z.enum(['question', 'passage', 'answer', 'tool']), type: z.string(), action: z.string(), count: z.int().positive(),
})
export type Notice = z.output<typeof Notice>

export const TurnStatus = z.enum(['running', 'complete', 'stopped', 'blocked', 'failed', 'interrupted'])
export type TurnStatus = z.output<typeof TurnStatus>
export const Usage = z.strictObject({
  inputTokens: z.int().nonnegative(), outputTokens: z.int().nonnegative(),
  savedTokens: z.int().nonnegative().optional().describe('What a kept answer spared; nothing was used then'),
})
export type Usage = z.output<typeof Usage>

export const Feedback = z.strictObject({ rating: z.enum(['up', 'down']), comment: z.string().trim().max(2_000).optional() })
export type Feedback = z.output<typeof Feedback>

/** What of a thing does not open. Left out where everything does. */
const unreadable = <const Part extends string>(parts: readonly [Part, ...Part[]], told: string) => z.array(z.enum(parts)).min(1).optional().describe(told)

export const Message = z.strictObject({
  id: idOf('message'), role: z.enum(['user', 'assistant']), text: z.string(), createdAt: Moment,
  turnId: idOf('turn'), status: TurnStatus, model: z.string(),
  citations: z.array(Citation), notices: z.array(Notice), feedback: Feedback.nullable(),
  unreadable: unreadable(['text', 'citations', 'comment'], 'What of it was damaged in the store and does not open; a text that does not is a sentence that says so. Left out where everything opens'),
})
export type Message = z.output<typeof Message>

export const Title = line(120)
export const Conversation = z.strictObject({ id: idOf('conversation'), title: z.string(), model: z.string(), createdAt: Moment, updatedAt: Moment, ephemeral: z.boolean().describe('It is removed soon after its last change'),
  unreadable: unreadable(['title', 'stand-ins'], 'What of it was damaged in the store and does not open; a title that does not is words that say so. Left out where everything opens'),
})
export type Conversation = z.output<typeof Conversation>
export const ConversationRequest = z.strictObject({ title: Title.optional(), model: ModelId.optional(), ephemeral: z.boolean().optional().describe('Not meant to last: it is removed soon after its last change') })
export const ConversationChange = z.strictObject({ title: Title.optional(), model: ModelId.optional() })

export const ConversationSearchRequest = z.strictObject({
  text: z.string().min(1).max(200).describe('Messages are found that hold each of its words, in any of their forms'),
  limit: z.int().min(1).max(50).default(20),
})
const Place = z.int().nonnegative()
export const FoundMessage = z.strictObject({
  messageId: idOf('message'), conversationId: idOf('conversation'), title: z.string(), role: z.enum(['user', 'assistant']), createdAt: Moment,
  snippet: z.strictObject({ text: z.string(), marks: z.array(z.strictObject({ from: Place, to: Place })).describe('Where in the text the words stand') }),
  unreadable: unreadable(['title', 'text'], 'What of it was damaged in the store and does not open; it is still found by its words. Left out where everything opens'),
})
export type FoundMessage = z.output<typeof FoundMessage>
export const ConversationSearch = z.strictObject({ conversations: z.array(Conversation).readonly().describe('Conversations whose title holds the text'), messages: z.array(FoundMessage).readonly() })
export type ConversationSearch = z.output<typeof ConversationSearch>

export const TurnRequest = z.strictObject({
  text: MessageText,
  model: ModelId.optional(),
  knowledge: z.boolean().optional().describe('Search the documents for this question; by default only for models that answer from documents'),
})
export type TurnRequest = z.output<typeof TurnRequest>
export const Turn = z.strictObject({ turnId: idOf('turn'), conversationId: idOf('conversation'), question: Message, answer: Message, usage: Usage })
export type Turn = z.output<typeof Turn>

export const ChatReply = z.strictObject({
  turnId: idOf('turn'), answer: z.string(), model: z.string(), status: TurnStatus,
  citations: z.array(Citation), notices: z.array(Notice), usage: Usage,
})
export const Model = z.strictObject({
  id: z.string(), name: z.string(), provider: z.string(),
  capabilities: z.strictObject({ tools: z.boolean(), grounding: z.boolean().describe('Answers from documents alone') }),
})
export type Model = z.output<typeof Model>
