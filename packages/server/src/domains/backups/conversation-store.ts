import type { Insertable, Selectable } from 'kysely'
import type { Database, WriteStep } from '../../database/database.ts'
import type { Schema } from '../../database/schema.ts'

export interface StoredConversation { readonly conversation: Selectable<Schema['conversation']>; readonly messages: readonly Selectable<Schema['message']>[] }

/** Conversations as rows, of whomever: what is sealed in them stays sealed. */
export const createConversationRows = ({ read }: Database) => ({
  /** One with its messages, oldest first; null where there is none of that id. */
  async get(id: string): Promise<StoredConversation | null> {
    const conversation = await read.selectFrom('conversation').selectAll().where('id', '=', id).executeTakeFirst()
    if (conversation === undefined) return null
    return { conversation, messages: await read.selectFrom('message').selectAll().where('conversation_id', '=', id).orderBy('id').execute() }
  },
  has: async (id: string): Promise<boolean> => await read.selectFrom('conversation').select('id').where('id', '=', id).executeTakeFirst() !== undefined,
  hasAccount: async (id: string): Promise<boolean> => await read.selectFrom('account').select('id').where('id', '=', id).executeTakeFirst() !== undefined,
  /** An account's ordinary conversations, newest first. */
  async listOf(accountId: string) {
    return read.selectFrom('conversation').where('account_id', '=', accountId).where('ephemeral', '=', 0).orderBy('id', 'desc')
      .select(({ selectFrom, ref }) => ['id', 'created_at', 'updated_at', selectFrom('message').select(({ fn }) => fn.countAll<number>().as('count')).whereRef('message.conversation_id', '=', ref('conversation.id')).as('messages')]).execute()
  },
  /** The batch is undone where one of these rows is there already. */
  insert: (conversation: Insertable<Schema['conversation']>, messages: readonly Insertable<Schema['message']>[]): readonly WriteStep[] => [
    { query: read.insertInto('conversation').values(conversation).compile() },
    ...messages.map((message) => ({ query: read.insertInto('message').values(message).compile() })),
  ],
})
