import type { Database } from '../../database/database.ts'
import { answerCacheRules } from '../../policy/answer-cache.ts'
import type { AnswerStore } from './store.ts'

interface OldAnswer { readonly bytes: number; readonly made_at: number }

/** Removes the oldest answers as long as they are due, some at a time. */
async function removeWhile({ write }: Pick<Database, 'write'>, store: AnswerStore, isDue: (row: OldAnswer) => boolean): Promise<void> {
  for (;;) {
    const oldest = await store.oldest(answerCacheRules.removeAtOnce)
    const kept = oldest.findIndex((row) => !isDue(row))
    const due = kept < 0 ? oldest : oldest.slice(0, kept)
    if (due.length > 0) await write([store.remove(due.map(({ id }) => id))])
    if (due.length < answerCacheRules.removeAtOnce) return
  }
}

/** Removes every answer of a table. */
export const empty = (database: Pick<Database, 'write'>, store: AnswerStore): Promise<void> => removeWhile(database, store, () => true)

/** Removes answers that were made by a moment, and then the oldest ones until no more than so many bytes are left. */
export async function trim(database: Pick<Database, 'write'>, store: AnswerStore, { madeBy, bytes: most }: { readonly madeBy: number; readonly bytes: number }): Promise<void> {
  await removeWhile(database, store, ({ made_at: madeAt }) => madeAt <= madeBy)
  let over = (await store.size()).bytes - most
  await removeWhile(database, store, ({ bytes }) => {
    if (over <= 0) return false
    over -= bytes
    return true
  })
}
