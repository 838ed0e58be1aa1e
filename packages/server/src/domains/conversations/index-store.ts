import type { Database, WriteStep } from '../../database/database.ts'
import type { MessageIndex } from '../../ports/message-index.ts'

/** What the indexer needs of messages, whoever's they are. It has no scope: nothing of what it reads leaves the process, but as hashes under the owner's key. */
export function createIndexStore({ read }: Database, index: MessageIndex) {
  const messages = () => read.selectFrom('message').select(['id', 'account_id', 'text_sealed']).where('status', '<>', 'running').orderBy('id')
  return {
    /** Messages by id; those that are gone, or still being written, are left out. */
    some: (ids: readonly string[]) => messages().where('id', 'in', ids).execute(),
    /** The next messages behind one, in the order of their making, and which of them are not in the index by this tokeniser. */
    async page(after: string, limit: number, tokeniser: number): Promise<{ readonly last: string | null; readonly missing: readonly string[] }> {
      const rows = await read.selectFrom('message').leftJoin('message_index', 'message_index.message_id', 'message.id')
        .select(['message.id', 'message.status', 'message_index.tokeniser']).where('message.id', '>', after).orderBy('message.id').limit(limit).execute()
      return { last: rows.length < limit ? null : rows.at(-1)?.id ?? null, missing: rows.filter((row) => row.status !== 'running' && row.tokeniser !== tokeniser).map(({ id }) => id) }
    },
    /** Puts a message's hashes in the place of what the index has of it. A message that was deleted meanwhile stays out. */
    put: (messageId: string, words: readonly string[], tokeniser: number): readonly WriteStep[] => [
      { query: read.deleteFrom('message_index').where('message_id', '=', messageId).compile() },
      { query: read.insertInto('message_index').columns(['message_id', 'tokeniser']).expression(({ selectFrom, val }) => selectFrom('message').select(['id', val(tokeniser).as('tokeniser')]).where('id', '=', messageId)).compile() },
      { query: index.add({ messageId, words }) },
    ],
  }
}
export type IndexStore = ReturnType<typeof createIndexStore>
