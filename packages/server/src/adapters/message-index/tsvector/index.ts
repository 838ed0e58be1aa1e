import { sql } from 'kysely'
import * as z from 'zod'
import type { MessageIndexDescriptor } from '../../../ports/message-index.ts'

/** So many of the newest messages are walked before the index is asked. */
const NEWEST = 2_000
const Found = z.array(z.object({ number: z.int() }))

/** PostgreSQL's full text over hashes: the lexemes are given as they are, so that no dictionary reads them. */
export const tsvector: MessageIndexDescriptor = {
  id: 'tsvector',
  create: (store) => ({
    add: ({ messageId, words }) =>
      sql`insert into message_word (number, words) select number, array_to_tsvector(${[...words]}::text[]) from message_index where message_id = ${messageId}`.compile(store),
    async holding(groups, most) {
      if (groups.length === 0 || groups.some((group) => group.length === 0)) return []
      const wanted = groups.map((group) => `(${group.map(quoted).join(' | ')})`).join(' & ')
      // A word that stands in many messages is found among the newest few; one that stands in few, by the index, each of them. Left to one statement with a limit, PostgreSQL takes any
      // alternative of words for frequent, and walks all messages backwards in search of a rare one: 95 to 540 ms of 100,000, against 5. `older` is not run where `newest` is enough.
      const { rows } = await sql`
        with newest as materialized (select number from message_word where number > (select max(number) from message_word) - ${NEWEST}::integer and words @@ ${wanted}::tsquery order by number desc limit ${most}),
        older as materialized (select number from message_word where (select count(*) from newest) < ${most} and words @@ ${wanted}::tsquery)
        (select number from newest where (select count(*) from newest) >= ${most}) union all (select number from older) order by number desc limit ${most}`.execute(store)
      return Found.parse(rows).map(({ number }) => number)
    },
    // A removed row is gone from the index; the engine's own vacuum gives its room back.
    purge: () => Promise.resolve(),
  }),
}

/** A lexeme of a tsquery, whatever is in it. */
const quoted = (word: string) => `'${word.replaceAll('\\', '\\\\').replaceAll(`'`, `''`)}'`
