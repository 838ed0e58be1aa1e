import { sql } from 'kysely'
import * as z from 'zod'
import type { MessageIndexDescriptor } from '../../../ports/message-index.ts'

const Found = z.array(z.object({ number: z.int() }))

/** SQLite's FTS5 over hashes: contentless and without positions. Newest first is the order in which it walks its lists, so that a frequent word costs no more than a rare one. */
export const fts5: MessageIndexDescriptor = {
  id: 'fts5',
  create: (store) => ({
    add: ({ messageId, words }) =>
      sql`insert into message_word (rowid, words) select number, ${words.join(' ')} from message_index where message_id = ${messageId}`.compile(store),
    async holding(groups, most) {
      if (groups.length === 0 || groups.some((group) => group.length === 0)) return []
      const wanted = groups.map((group) => `(${group.map(quoted).join(' OR ')})`).join(' AND ')
      const { rows } = await sql`select rowid as number from message_word where message_word match ${wanted} order by rowid desc limit ${most}`.execute(store)
      return Found.parse(rows).map(({ number }) => number)
    },
  }),
}

/** A string of FTS5's query language, whatever is in it. */
const quoted = (word: string) => `"${word.replaceAll('"', '""')}"`
