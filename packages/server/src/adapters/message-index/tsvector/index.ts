import { sql } from 'kysely'
import * as z from 'zod'
import type { MessageIndexDescriptor } from '../../../ports/message-index.ts'

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
      const { rows } = await sql`select number from message_word where words @@ ${wanted}::tsquery order by number desc limit ${most}`.execute(store)
      return Found.parse(rows).map(({ number }) => number)
    },
  }),
}

/** A lexeme of a tsquery, whatever is in it. */
const quoted = (word: string) => `'${word.replaceAll('\\', '\\\\').replaceAll(`'`, `''`)}'`
