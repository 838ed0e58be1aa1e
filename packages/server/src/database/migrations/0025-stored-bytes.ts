import { sql, type Kysely, type RawBuilder } from 'kysely'
import type { Migration } from 'kysely/migration'
import type { Dialect } from '../database.ts'

/** What is counted of an account: the columns that a person can make long. */
const counted = {
  conversation: ['title_sealed', 'pseudonyms_sealed'],
  message: ['text_sealed', 'citations_sealed', 'comment_sealed', 'notices'],
} as const
const tables = ['conversation', 'message'] as const
type CountedTable = (typeof tables)[number]

/** The bytes of a row; `row` is a table, or `new` and `old` in a trigger. */
const bytesOf = (table: CountedTable, row: string) => sql.join(counted[table].map((column) => sql`coalesce(octet_length(${sql.ref(`${row}.${column}`)}), 0)`), sql` + `)
const add = (row: string, bytes: RawBuilder<unknown>) => sql`insert into account_storage (account_id, bytes) values (${sql.ref(`${row}.account_id`)}, ${bytes})
  on conflict (account_id) do update set bytes = account_storage.bytes + excluded.bytes`
const change = (bytes: RawBuilder<unknown>) => sql`update account_storage set bytes = bytes + (${bytes}) where account_id = old.account_id`

/**
 * How many bytes of conversations each account has, kept by the engine whoever writes or removes them: a removal by an expiry, an erasure
 * or a cascade counts like any other (LIM-7). Derived, so no part of a backup.
 */
export const storedBytes = (dialect: Dialect): Migration => ({
  async up(db: Kysely<unknown>) {
    await db.schema.createTable('account_storage')
      .addColumn('account_id', 'text', (column) => column.primaryKey().references('account.id').onDelete('cascade'))
      .addColumn('bytes', dialect === 'sqlite' ? 'integer' : 'bigint', (column) => column.notNull())
      .execute()
    for (const table of tables) {
      await sql`insert into account_storage (account_id, bytes) select account_id, sum(${bytesOf(table, table)}) from ${sql.table(table)} where account_id in (select id from account) group by account_id
        on conflict (account_id) do update set bytes = account_storage.bytes + excluded.bytes`.execute(db)
      await (dialect === 'sqlite' ? countInSqlite(db, table) : countInPostgres(db, table))
    }
  },
})

const changed = (table: CountedTable) => sql`(${bytesOf(table, 'new')}) - (${bytesOf(table, 'old')})`
const columns = (table: CountedTable) => sql.join(counted[table].map((column) => sql.ref(column)))
const name = (table: CountedTable, event: string) => sql.id(`${table}_stored_${event}`)

async function countInSqlite(db: Kysely<unknown>, table: CountedTable): Promise<void> {
  const on = sql.table(table)
  await sql`create trigger ${name(table, 'inserted')} after insert on ${on} begin ${add('new', bytesOf(table, 'new'))}; end`.execute(db)
  await sql`create trigger ${name(table, 'updated')} after update of ${columns(table)} on ${on} begin ${change(changed(table))}; end`.execute(db)
  await sql`create trigger ${name(table, 'deleted')} after delete on ${on} begin ${change(sql`-(${bytesOf(table, 'old')})`)}; end`.execute(db)
}

async function countInPostgres(db: Kysely<unknown>, table: CountedTable): Promise<void> {
  const on = sql.table(table)
  const act = async (event: string, when: RawBuilder<unknown>, statement: RawBuilder<unknown>) => {
    await sql`create function ${name(table, event)}() returns trigger language plpgsql as ${sql.raw('$$')} begin ${statement}; return null; end ${sql.raw('$$')}`.execute(db)
    await sql`create trigger ${name(table, event)} after ${when} on ${on} for each row execute function ${name(table, event)}()`.execute(db)
  }
  await act('inserted', sql`insert`, add('new', bytesOf(table, 'new')))
  await act('updated', sql`update of ${columns(table)}`, change(changed(table)))
  await act('deleted', sql`delete`, change(sql`-(${bytesOf(table, 'old')})`))
}
