import { sql } from 'kysely'
import * as z from 'zod'
import type { PassageIndexDescriptor } from '../../../ports/passage-index.ts'

const Found = z.array(z.object({ number: z.int() }))

/** PostgreSQL's full text over hashes: the lexemes are given as they are, so that no dictionary reads them. */
export const tsvector: PassageIndexDescriptor = {
  id: 'tsvector',
  create: (store) => ({
    add: ({ passageId, words }) =>
      sql`insert into passage_word (number, words) select number, array_to_tsvector(${[...words]}::text[]) from passage where id = ${passageId}`.compile(store),
    removeDocument: (documentId) =>
      sql`delete from passage_word where number in (select number from passage where document_id = ${documentId})`.compile(store),
    removeOwner: (owner) =>
      sql`delete from passage_word where number in (select passage.number from passage join collection on collection.id = passage.collection_id where collection.owner = ${owner})`.compile(store),
    async candidates(words, most) {
      if (words.length === 0) return []
      const query = words.map(quoted).join(' | ')
      const { rows } = await sql`select number from passage_word where words @@ ${query}::tsquery order by number limit ${most}`.execute(store)
      return Found.parse(rows).map(({ number }) => number)
    },
    // A removed row is gone from the index; the engine's own vacuum gives its room back.
    purge: () => Promise.resolve(),
  }),
}

/** A lexeme of a tsquery, whatever is in it. */
const quoted = (word: string) => `'${word.replaceAll('\\', '\\\\').replaceAll(`'`, `''`)}'`
