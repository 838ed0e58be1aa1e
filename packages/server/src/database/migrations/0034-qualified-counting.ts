import { sql, type Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'
import type { Dialect } from '../database.ts'

/** As in 0025: what is counted of an account. */
const counted = {
  conversation: ['title_sealed', 'pseudonyms_sealed'],
  message: ['text_sealed', 'citations_sealed', 'comment_sealed', 'notices'],
} as const
type CountedTable = keyof typeof counted

const bytesOf = (table: CountedTable, row: 'new' | 'old') => counted[table].map((column) => `coalesce(octet_length(${row}.${column}), 0)`).join(' + ')
const CHANGE = `update %I.account_storage set bytes = bytes + $2 where account_id = $1`

/**
 * On PostgreSQL the counting of bytes names its table with its schema: that of the table whose row was written, found when it is, because a restore gives the
 * schema another name. With a name alone a search path, or a temporary table, would lead the count elsewhere, and the cap with it (LIM-7). Nothing else
 * is found by the search path of whoever writes either.
 */
export const qualifiedCounting = (dialect: Dialect): Migration => ({
  async up(db: Kysely<unknown>) {
    if (dialect === 'sqlite') return
    for (const table of ['conversation', 'message'] as const) {
      const count = async (event: 'inserted' | 'updated' | 'deleted', statement: string, using: string) => {
        await sql.raw(`create or replace function ${table}_stored_${event}() returns trigger language plpgsql set search_path = pg_catalog, pg_temp
          as $$ begin execute format('${statement}', tg_table_schema) using ${using}; return null; end $$`).execute(db)
      }
      await count('inserted', `insert into %I.account_storage as kept (account_id, bytes) values ($1, $2) on conflict (account_id) do update set bytes = kept.bytes + excluded.bytes`, `new.account_id, (${bytesOf(table, 'new')})::bigint`)
      await count('updated', CHANGE, `old.account_id, ((${bytesOf(table, 'new')}) - (${bytesOf(table, 'old')}))::bigint`)
      await count('deleted', CHANGE, `old.account_id, (-(${bytesOf(table, 'old')}))::bigint`)
    }
  },
})
