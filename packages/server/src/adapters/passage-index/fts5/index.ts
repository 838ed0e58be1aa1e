import { sql } from 'kysely'
import * as z from 'zod'
import type { PassageIndexDescriptor } from '../../../ports/passage-index.ts'

const Found = z.array(z.object({ number: z.int() }))

/** SQLite's FTS5 over hashes: contentless, so that the words are in no column, and without positions. Its table is made by the migration. */
export const fts5: PassageIndexDescriptor = {
  id: 'fts5',
  create: (store) => ({
    add: ({ passageId, words }) =>
      sql`insert into passage_word (rowid, words) select number, ${words.join(' ')} from passage where id = ${passageId}`.compile(store),
    removeDocument: (documentId) =>
      sql`delete from passage_word where rowid in (select number from passage where document_id = ${documentId})`.compile(store),
    removeOwner: (owner) =>
      sql`delete from passage_word where rowid in (select passage.number from passage join collection on collection.id = passage.collection_id where collection.owner = ${owner})`.compile(store),
    async candidates(words, most) {
      if (words.length === 0) return []
      const { rows } = await sql`select rowid as number from passage_word where passage_word match ${words.map(quoted).join(' OR ')} order by rowid limit ${most}`.execute(store)
      return Found.parse(rows).map(({ number }) => number)
    },
  }),
}

/** A string of FTS5's query language, whatever is in it. */
const quoted = (word: string) => `"${word.replaceAll('"', '""')}"`
