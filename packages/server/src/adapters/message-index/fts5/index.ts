import { sql } from 'kysely'
import * as z from 'zod'
import { mergeUntilSettled } from '../../../kernel/merge-until-settled.ts'
import type { MessageIndexDescriptor } from '../../../ports/message-index.ts'

const Segments = z.array(z.object({ record: z.string() }))
/** Pages that one merge writes. */
const MERGED_PAGES = 64
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
    // FTS5 marks what was deleted, and keeps its words until a merge leaves them out. Merged a few pages at a time, so that nobody waits long;
    // a merge that has nothing to do leaves the record of the segments as it is.
    purge: (write) => mergeUntilSettled(
      async () => Segments.parse((await sql`select hex(block) as record from message_word_data where id = 10`.execute(store)).rows)[0]?.record,
      () => write(sql`insert into message_word (message_word, rank) values ('merge', ${-MERGED_PAGES})`.compile(store)),
    ),
  }),
}

/** A string of FTS5's query language, whatever is in it. */
const quoted = (word: string) => `"${word.replaceAll('"', '""')}"`
