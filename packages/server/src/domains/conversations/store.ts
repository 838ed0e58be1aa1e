import type { Citation, Conversation, Notice, TurnStatus } from '@sallyport/contract'
import type { Selectable } from 'kysely'
import type { Database, WriteStep } from '../../database/database.ts'
import { toMoment } from '../../kernel/clock.ts'
import { openIfWhole, type Sealer } from '../../kernel/seal.ts'
import type { Scope } from '../../kernel/scope.ts'
import type { ConversationTable, MessageTable } from './tables.ts'
import { createParts, toldUnreadable, unreadableText, unreadableTitle } from './unreadable.ts'

/** What a conversation's sealed title is bound to. */
export const titlePlace = (rowId: string) => ({ table: 'conversation', rowId, column: 'title_sealed' })
const pseudonymsPlace = (rowId: string) => ({ table: 'conversation', rowId, column: 'pseudonyms_sealed' })
/** What a message's sealed values are bound to. */
export const messagePlace = (rowId: string, column: 'text_sealed' | 'citations_sealed' | 'comment_sealed') => ({ table: 'message', rowId, column })

export interface NewMessage {
  readonly id: string
  readonly conversationId: string
  readonly turnId: string
  readonly role: 'user' | 'assistant'
  readonly status: TurnStatus
  readonly model: string
  readonly text: string
  readonly notices: readonly Notice[]
  readonly at: number
}
export interface ConversationChange {
  readonly title?: string | undefined
  readonly model?: string | undefined
  /** The conversation's stand-ins and what they stand for, as JSON. */
  readonly pseudonyms?: string | undefined
  readonly at: number
}
export interface AnswerChange { readonly text: string; readonly status: TurnStatus; /** The one that answered. */ readonly model?: string; readonly citations: readonly Citation[]; readonly notices: readonly Notice[] }

const titleOpener = (sealer: Sealer) => (row: Selectable<ConversationTable>) => {
  const { or, unreadable } = createParts<'title' | 'stand-ins'>()
  return {
    ...row, unreadable, title: or('title', openIfWhole(sealer, titlePlace(row.id), row.title_sealed), unreadableTitle),
    pseudonyms: row.pseudonyms_sealed === null ? '[]' : or('stand-ins', openIfWhole(sealer, pseudonymsPlace(row.id), row.pseudonyms_sealed), '[]'),
  }
}
/** One value that was damaged must not keep all others from their owner. */
const messageOpener = (sealer: Sealer) => (row: Selectable<MessageTable>) => {
  const { or, unreadable } = createParts<'text' | 'citations' | 'comment'>()
  return {
    ...row, unreadable, text: or('text', openIfWhole(sealer, messagePlace(row.id, 'text_sealed'), row.text_sealed), unreadableText),
    citations: row.citations_sealed === null ? '[]' : or('citations', openIfWhole(sealer, messagePlace(row.id, 'citations_sealed'), row.citations_sealed), '[]'),
    comment: row.comment_sealed === null ? null : or('comment', openIfWhole(sealer, messagePlace(row.id, 'comment_sealed'), row.comment_sealed), null),
  }
}

/** One account's conversations. Texts are sealed on the way in and opened on the way out, each with a word on what of it does not open; no statement leaves out the account. */
export const createConversationStore = (database: Database) => (scope: Scope, sealer: Sealer) => {
  const { accountId } = scope
  const { read } = database
  const [openTitle, openMessage] = [titleOpener(sealer), messageOpener(sealer)]
  const own = (id: string) => read.selectFrom('conversation').selectAll().where('id', '=', id).where('account_id', '=', accountId)
  const messages = () => read.selectFrom('message').selectAll().where('account_id', '=', accountId)

  return {
    async page(before: string | undefined, limit: number) {
      const rows = read.selectFrom('conversation').selectAll().where('account_id', '=', accountId).orderBy('id', 'desc').limit(limit)
      return (await (before === undefined ? rows : rows.where('id', '<', before)).execute()).map(openTitle)
    },
    async get(id: string) {
      const row = await own(id).executeTakeFirst()
      return row === undefined ? null : openTitle(row)
    },
    insert: (row: { readonly id: string; readonly title: string; readonly model: string; readonly at: number; readonly ephemeral?: boolean; readonly keyId?: string | null }): WriteStep => ({
      query: read.insertInto('conversation').values({
        ephemeral: row.ephemeral === true ? 1 : 0, key_id: row.keyId ?? null,
        id: row.id, account_id: accountId, model: row.model, created_at: row.at, updated_at: row.at, pseudonyms_sealed: null, title_sealed: sealer.seal(titlePlace(row.id), row.title),
      }).compile(),
    }),
    change: (id: string, { title, model, pseudonyms, at }: ConversationChange): WriteStep => ({
      query: read.updateTable('conversation')
        .set({ updated_at: at, ...(title !== undefined && { title_sealed: sealer.seal(titlePlace(id), title) }), ...(model !== undefined && { model }),
          ...(pseudonyms !== undefined && { pseudonyms_sealed: sealer.seal(pseudonymsPlace(id), pseudonyms) }) })
        .where('id', '=', id).where('account_id', '=', accountId).compile(),
      expectRows: 1,
    }),
    remove: (id: string): WriteStep => ({ query: read.deleteFrom('conversation').where('id', '=', id).where('account_id', '=', accountId).compile(), expectRows: 1 }),
    removeMessages: (id: string): WriteStep => ({ query: read.deleteFrom('message').where('conversation_id', '=', id).where('account_id', '=', accountId).compile() }),

    /** Newest first. */
    async messagePage(conversationId: string, before: string | undefined, limit: number) {
      const rows = messages().where('conversation_id', '=', conversationId).orderBy('id', 'desc').limit(limit)
      return (await (before === undefined ? rows : rows.where('id', '<', before)).execute()).map(openMessage)
    },
    async messagesOfTurn(turnId: string) {
      return (await messages().where('turn_id', '=', turnId).orderBy('id').execute()).map(openMessage)
    },
    async message(id: string) {
      const row = await messages().where('id', '=', id).executeTakeFirst()
      return row === undefined ? null : openMessage(row)
    },
    /** How many messages a conversation holds, counted no further than `upTo`. */
    async countMessages(conversationId: string, upTo: number) {
      return (await messages().clearSelect().select('id').where('conversation_id', '=', conversationId).limit(upTo).execute()).length
    },
    insertMessage: (message: NewMessage): WriteStep => ({
      query: read.insertInto('message').values({
        id: message.id, conversation_id: message.conversationId, account_id: accountId, turn_id: message.turnId, role: message.role,
        status: message.status, model: message.model, text_sealed: sealer.seal(messagePlace(message.id, 'text_sealed'), message.text),
        citations_sealed: null, notices: JSON.stringify(message.notices), rating: null, comment_sealed: null, created_at: message.at,
      }).compile(),
    }),
    /** The end of an answer. It touches no row when the conversation was cleared meanwhile. */
    endAnswer: (id: string, { text, status, citations, notices, model }: AnswerChange): WriteStep => ({
      query: read.updateTable('message').set({
        text_sealed: sealer.seal(messagePlace(id, 'text_sealed'), text), status, notices: JSON.stringify(notices), ...(model !== undefined && { model }),
        citations_sealed: citations.length === 0 ? null : sealer.seal(messagePlace(id, 'citations_sealed'), JSON.stringify(citations)),
      }).where('id', '=', id).where('account_id', '=', accountId).compile(),
    }),
    rate: (id: string, { rating, comment }: { readonly rating: 'up' | 'down'; readonly comment: string | undefined }): WriteStep => ({
      query: read.updateTable('message')
        .set({ rating, comment_sealed: comment === undefined ? null : sealer.seal(messagePlace(id, 'comment_sealed'), comment) })
        .where('id', '=', id).where('account_id', '=', accountId).where('role', '=', 'assistant').compile(),
      expectRows: 1,
    }),
  }
}
export type ConversationStore = ReturnType<ReturnType<typeof createConversationStore>>
/** A stored conversation as the wire shows it. */
export const toConversation = (row: Pick<Selectable<ConversationTable>, 'id' | 'model' | 'created_at' | 'updated_at' | 'ephemeral'> & { readonly title: string; readonly unreadable: readonly ('title' | 'stand-ins')[] }): Conversation =>
  ({ id: row.id, title: row.title, model: row.model, createdAt: toMoment(row.created_at), updatedAt: toMoment(row.updated_at), ephemeral: row.ephemeral === 1, ...toldUnreadable(row.unreadable) })

export type StoredMessage = NonNullable<Awaited<ReturnType<ConversationStore['message']>>>

/** Answers that were running when the process ended. Nobody's in particular, so it is not scoped; it sees no text. */
export const markInterrupted = (database: Database): readonly WriteStep[] => [
  { query: database.read.updateTable('message').set({ status: 'interrupted' }).where('status', '=', 'running').compile() },
]
