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
    /** Messages by their numbers in the word index, newest first. A number of somebody else's gives nothing. */
    async messagesByNumber(numbers: readonly number[], limit: number) {
      // The ids first. In one statement PostgreSQL takes the few wanted ones for many, and walks the account's messages in order until it has met enough of them.
      const ids = (await read.selectFrom('message_index').select('message_id').where('number', 'in', numbers).execute()).map((row) => row.message_id)
      if (ids.length === 0) return []
      const rows = await read.selectFrom('message').select(['id', 'conversation_id', 'role', 'created_at', 'text_sealed']).where('account_id', '=', accountId).where('id', 'in', ids).orderBy('id', 'desc').limit(limit).execute()
      return rows.map((row) => ({ ...row, text: sealer.open(messagePlace(row.id, 'text_sealed'), row.text_sealed) }))
    },
  }
}
export type SearchStore = ReturnType<typeof createSearchStore>
