import type { Database } from '../../database/database.ts'
import type { Scope } from '../../kernel/scope.ts'
import { openIfWhole, type Sealer } from '../../kernel/seal.ts'
import { messagePlace, titlePlace } from './store.ts'
import { createParts, unreadableText, unreadableTitle } from './unreadable.ts'

/** What a search reads of one account's conversations; no statement leaves out the account. */
export const createSearchStore = ({ read }: Database, { accountId }: Scope, sealer: Sealer) => {
  const conversations = () => read.selectFrom('conversation').where('account_id', '=', accountId).orderBy('id', 'desc')
  return {
    /** The titles of the newest conversations, and nothing else of them. Empty for one that does not open: nothing is found in it. */
    async titles(limit: number) {
      return (await conversations().select(['id', 'title_sealed']).limit(limit).execute()).map(({ id, title_sealed: sealed }) => ({ id, title: openIfWhole(sealer, titlePlace(id), sealed) ?? '' }))
    },
    /** Conversations by id, newest first. */
    async some(ids: readonly string[]) {
      if (ids.length === 0) return []
      const rows = await conversations().select(['id', 'title_sealed', 'model', 'created_at', 'updated_at', 'ephemeral']).where('id', 'in', ids).execute()
      return rows.map((row) => { const { or, unreadable } = createParts<'title'>(); return { ...row, unreadable, title: or('title', openIfWhole(sealer, titlePlace(row.id), row.title_sealed), unreadableTitle) } })
    },
    /** Messages by their numbers in the word index, newest first, each with the title of its conversation, in one way to the engine and back. A number of somebody else's gives nothing. */
    async messagesByNumber(numbers: readonly number[], limit: number) {
      const rows = await read.selectFrom('message').innerJoin('conversation', 'conversation.id', 'message.conversation_id')
        .select(['message.id', 'message.conversation_id', 'message.role', 'message.created_at', 'message.text_sealed', 'conversation.title_sealed'])
        .where('message.account_id', '=', accountId).where('conversation.account_id', '=', accountId)
        .where('message.id', 'in', read.selectFrom('message_index').select('message_id').where('number', 'in', numbers)).orderBy('message.id', 'desc').limit(limit).execute()
      return rows.map((row) => {
        const { or, unreadable } = createParts<'title' | 'text'>()
        return {
          ...row, unreadable, text: or('text', openIfWhole(sealer, messagePlace(row.id, 'text_sealed'), row.text_sealed), unreadableText),
          title: or('title', openIfWhole(sealer, titlePlace(row.conversation_id), row.title_sealed), unreadableTitle),
        }
      })
    },
  }
}
export type SearchStore = ReturnType<typeof createSearchStore>
