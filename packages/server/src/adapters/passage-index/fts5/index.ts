import { sql } from 'kysely'
import * as z from 'zod'
import { mergeUntilSettled } from '../../../kernel/merge-until-settled.ts'
import type { PassageIndexDescriptor } from '../../../ports/passage-index.ts'

const Segments = z.array(z.object({ record: z.string() }))
/** Pages that one merge writes. */
const MERGED_PAGES = 64
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
    // FTS5 marks what was deleted, and keeps its words until a merge leaves them out. Merged a few pages at a time, so that nobody waits long;
    // a merge that has nothing to do leaves the record of the segments as it is.
    purge: (write) => mergeUntilSettled(
      async () => Segments.parse((await sql`select hex(block) as record from passage_word_data where id = 10`.execute(store)).rows)[0]?.record,
      () => write(sql`insert into passage_word (passage_word, rank) values ('merge', ${-MERGED_PAGES})`.compile(store)),
    ),
  }),
}

/** A string of FTS5's query language, whatever is in it. */
const quoted = (word: string) => `"${word.replaceAll('"', '""')}"`
