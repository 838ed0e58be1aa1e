import type { Database } from '../../database/database.ts'
import type { PassageIndex } from '../../ports/passage-index.ts'
import { unpackPostings } from './postings.ts'

const PAGE = 200

/** Fills an empty passage index from the passages' own postings: they hold every hash, so no text is opened for it. */
export async function rebuildIndex(database: Database, index: PassageIndex): Promise<void> {
  let after = -1
  for (;;) {
    const rows = await database.read.selectFrom('passage').select(['number', 'id', 'postings']).where('number', '>', after).orderBy('number').limit(PAGE).execute()
    if (rows.length > 0) await database.write(rows.map(({ id, postings }) => ({ query: index.add({ passageId: id, words: [...unpackPostings(postings)].map(([word]) => word) }) })))
    if (rows.length < PAGE) return
    after = rows.at(-1)?.number ?? after
  }
}
