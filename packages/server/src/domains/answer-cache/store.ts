import type { Insertable } from 'kysely'
import type { Database, WriteStep } from '../../database/database.ts'
import type { KeptAnswerTable } from './tables.ts'

export type AnswerTableName = 'own_answer' | 'shared_answer'

/** Kept answers in one of their two tables: those that one account alone is given, or those that everybody is. */
export function createAnswerStore({ read }: Database, table: AnswerTableName) {
  return {
    find: (id: string, madeAfter: number) => read.selectFrom(table).select('answer_sealed').where('id', '=', id).where('made_at', '>', madeAfter).executeTakeFirst(),
    /** Puts an answer in the place of an older one to the same request. */
    put: (row: Insertable<KeptAnswerTable>): WriteStep => ({
      query: read.insertInto(table).values(row).onConflict((conflict) => conflict.column('id').doUpdateSet({ account_id: row.account_id, answer_sealed: row.answer_sealed, bytes: row.bytes, made_at: row.made_at, hits: 0 })).compile(),
    }),
    countHit: (id: string): WriteStep => ({ query: read.updateTable(table).set(({ eb }) => ({ hits: eb('hits', '+', 1) })).where('id', '=', id).compile() }),
    async size(accountId?: string): Promise<{ readonly answers: number; readonly bytes: number }> {
      const all = read.selectFrom(table).select(({ fn }) => [fn.countAll<number>().as('answers'), fn.sum<number | string | null>('bytes').as('bytes')])
      const { answers, bytes } = await (accountId === undefined ? all : all.where('account_id', '=', accountId)).executeTakeFirstOrThrow()
      return { answers, bytes: Number(bytes ?? 0) }
    },
    /** The oldest answers, so many of them. */
    oldest: (limit: number) => read.selectFrom(table).select(['id', 'bytes', 'made_at']).orderBy('made_at').orderBy('id').limit(limit).execute(),
    remove: (ids: readonly string[]): WriteStep => ({ query: read.deleteFrom(table).where('id', 'in', ids).compile() }),
  }
}
export type AnswerStore = ReturnType<typeof createAnswerStore>
