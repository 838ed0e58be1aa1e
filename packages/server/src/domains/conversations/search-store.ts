import type { Database } from '../../database/database.ts'
import type { Scope } from '../../kernel/scope.ts'
import type { Sealer } from '../../kernel/seal.ts'
import { messagePlace, titlePlace } from './store.ts'

/** What a search reads of one account's conversations; no statement leaves out the account. */
export const createSearchStore = ({ read }: Database, { accountId }: Scope, sealer: Sealer) => {
  const conversations = () => read.selectFrom('conversation').where('account_id', '=', accountId).orderBy('id', 'desc')
  return {
    /** The titles of the newest conversations, and nothing else of them. */
    async titles(limit: number) {
      return (await conversations().select(['id', 'title_sealed']).limit(limit).execute()).map(({ id, title_sealed: sealed }) => ({ id, title: sealer.open(titlePlace(id), sealed) }))
    },
    /** Conversations by id, newest first. */
    async some(ids: readonly string[]) {
      if (ids.length === 0) return []
      const rows = await conversations().select(['id', 'title_sealed', 'model', 'created_at', 'updated_at', 'ephemeral']).where('id', 'in', ids).execute()
      return rows.map((row) => ({ ...row, title: sealer.open(titlePlace(row.id), row.title_sealed) }))
    },
    /** Messages by their numbers in the word index, newest first, each with the title of its conversation, in one way to the engine and back. A number of somebody else's gives nothing. */
    async messagesByNumber(numbers: readonly number[], limit: number) {
      const rows = await read.selectFrom('message').innerJoin('conversation', 'conversation.id', 'message.conversation_id')
        .select(['message.id', 'message.conversation_id', 'message.role', 'message.created_at', 'message.text_sealed', 'conversation.title_sealed'])
        .where('message.account_id', '=', accountId).where('conversation.account_id', '=', accountId)
        .where('message.id', 'in', read.selectFrom('message_index').select('message_id').where('number', 'in', numbers)).orderBy('message.id', 'desc').limit(limit).execute()
      return rows.map((row) => ({ ...row, text: sealer.open(messagePlace(row.id, 'text_sealed'), row.text_sealed), title: sealer.open(titlePlace(row.conversation_id), row.title_sealed) }))
    },
  }
}
export type SearchStore = ReturnType<typeof createSearchStore>
