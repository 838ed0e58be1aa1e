import pg from 'pg'
import { expect, test } from 'vitest'
import { inSchema, openPostgresFill } from '../../src/database/postgres/fill.ts'
import { openPostgres } from '../../src/database/postgres/open.ts'
import { describeWith } from '../../src/testing/needs.ts'
import { createPostgresDatabase } from '../../src/testing/postgres.ts'

// LIM-7, DAT-6: somebody with a connection to PostgreSQL lays tables of the same name in the way of what the store's own triggers write.

const SCHEMA = 'house'
const BEFORE = '0033-document-caps'

/** A store in a schema of its own, as it was after a migration; null for the present one. */
async function openStore(migration: string | null) {
  const database = await createPostgresDatabase()
  const place = { place: { url: database.url }, schema: SCHEMA }
  const filling = await openPostgresFill(place, BEFORE)
  await filling.finish()
  if (migration === null) await (await openPostgres(inSchema(place.place, SCHEMA))).close()
  const client = new pg.Client({ connectionString: database.url })
  await client.connect()
  await client.query(`insert into ${SCHEMA}.account (id, email_sealed, email_lookup, role, created_at) values ('acc_1', '', 'x', 'member', 1)`)
  return { client, async [Symbol.asyncDispose]() { await client.end(); await database[Symbol.asyncDispose]() } }
}

const writes = [
  `insert into ${SCHEMA}.conversation (id, account_id, model, created_at, updated_at, title_sealed) values ('con_1', 'acc_1', 'm', 1, 1, '0123456789')`,
  `insert into ${SCHEMA}.message (id, conversation_id, account_id, turn_id, role, status, model, text_sealed, notices, created_at) values ('msg_1', 'con_1', 'acc_1', 'trn_1', 'user', 'complete', 'm', '0123456789', '[]', 1)`,
  `update ${SCHEMA}.message set text_sealed = '01234567890123456789' where id = 'msg_1'`,
  `update ${SCHEMA}.conversation set title_sealed = '01234' where id = 'con_1'`,
]
const COUNTED = 5 + 20 + 2
const traps = {
  'a temporary table of its name': ['create temp table account_storage (account_id text primary key, bytes bigint)', 'pg_temp.account_storage'],
  'a table of its name in a schema that the search path names first': ['create schema trap; create table trap.account_storage (account_id text primary key, bytes bigint); set search_path = trap, house', 'trap.account_storage'],
  'functions of names that the counting uses': [`create schema trap; create function trap.octet_length(bytea) returns integer language sql as 'select 0'; create function trap.octet_length(text) returns integer language sql as 'select 0'; set search_path = trap, house, pg_catalog`, null],
} as const

describeWith('postgres', 'the counting of stored bytes', () => {
  test.each(Object.keys(traps) as (keyof typeof traps)[])('is not led elsewhere by %s', async (trap) => {
    const [setting, name] = traps[trap]
    const count = async (migration: string | null) => {
      await using store = await openStore(migration)
      await store.client.query(setting)
      for (const statement of writes) await store.client.query(statement)
      const bytesIn = async (table: string) => Number((await store.client.query<{ readonly bytes: string | null }>(`select sum(bytes) as bytes from ${table}`)).rows[0]?.bytes ?? 0)
      const written = { real: await bytesIn(`${SCHEMA}.account_storage`), trapped: name === null ? 0 : await bytesIn(name) }
      await store.client.query(`delete from ${SCHEMA}.conversation`)
      return { ...written, afterwards: await bytesIn(`${SCHEMA}.account_storage`) }
    }
    expect(await count(null)).toEqual({ real: COUNTED, trapped: 0, afterwards: 0 })
    // The control: by their names alone, it was.
    expect((await count(BEFORE)).real).not.toBe(COUNTED)
  }, 60_000)

  test('goes with its table where the schema gets another name, as after a restore', async () => {
    await using store = await openStore(null)
    await store.client.query(`alter schema ${SCHEMA} rename to other`)
    for (const statement of writes) await store.client.query(statement.replace(SCHEMA, 'other'))
    expect((await store.client.query(`select account_id, bytes::integer as bytes from other.account_storage`)).rows).toEqual([{ account_id: 'acc_1', bytes: COUNTED }])
  }, 60_000)
})
