import { Kysely, PostgresDialect } from 'kysely'
import pg from 'pg'
import * as z from 'zod/mini'
import { migrateTo } from '../migrate.ts'
import type { FillTarget, TableShape } from '../snapshot.ts'
import type { Schema } from '../schema.ts'
import { connectionOf, explainRefusal, poolOf, PostgresRefused, type PostgresPlace } from './connection.ts'
import { describeTables, quoted } from './describe.ts'
import { plainTypes } from './snapshot.ts'

/** PostgreSQL numbers parameters with 16 bits. */
const MOST_PARAMETERS = 60_000
const MOST_ROWS = 500
const Sequences = z.array(z.object({ table_name: z.string(), column_name: z.string() }))

/** The same database with everything in one of its schemas. */
export function inSchema(place: PostgresPlace, schema: string): PostgresPlace {
  const address = new URL(place.url)
  address.searchParams.set('options', `-c search_path=${schema}`)
  return { ...place, url: address.href }
}

export interface PostgresScratch { readonly place: PostgresPlace; readonly schema: string }

/** An empty schema beside the live one, as after `migration`, to be filled from a dump. Throws `PostgresRefused` when the role may not make schemas. */
export async function openPostgresFill({ place, schema }: PostgresScratch, migration: string): Promise<FillTarget> {
  const client = new pg.Client({ ...connectionOf(inSchema(place, schema)), types: plainTypes })
  await client.connect()
  try {
    await client.query(`create schema ${quoted(schema)}`)
    const migrating = new Kysely<Schema>({ dialect: new PostgresDialect({ pool: new pg.Pool({ ...poolOf(inSchema(place, schema)), max: 2 }) }) })
    try {
      await migrateTo(migrating, 'postgres', migration)
    } finally {
      await migrating.destroy()
    }
    const tables = await describeTables(client, schema)
    await client.query('begin')
    for (const { name } of tables.toReversed()) await client.query(`delete from ${quoted(name)}`)
    return {
      tables,
      insert: (table, rows) => insert(client, table, rows),
      async finish() {
        const sequences = Sequences.parse((await client.query(`select table_name, column_name from information_schema.columns where table_schema = $1 and column_default like 'nextval(%'`, [schema])).rows)
        for (const { table_name, column_name } of sequences) {
          await client.query(`select setval(pg_get_serial_sequence($1, $2), greatest(1, (select coalesce(max(${quoted(column_name)}), 0) from ${quoted(table_name)})), (select count(*) > 0 from ${quoted(table_name)}))`, [quoted(table_name), column_name])
        }
        await client.query('commit')
        await client.end()
      },
      close: () => client.end(),
    }
  } catch (error) {
    await client.end()
    throw mayNotMake(error) ? new PostgresRefused(OWNER_RESTORES, { cause: error }) : explainRefusal(error, place)
  }
}

/** Making the tables for it beforehand would not help: a restore makes its own. */
const OWNER_RESTORES = 'A restore builds new tables, and this role may not make any (42501). Run it as their owner, with SALLYPORT_STORE_URL and SALLYPORT_STORE_CREDENTIAL set to theirs for this command. Nothing was changed. See docs/operations/postgresql.md.'
const mayNotMake = (error: unknown) => error instanceof Error && 'code' in error && error.code === '42501'

async function insert(client: pg.Client, { name, columns }: TableShape, rows: readonly (readonly unknown[])[]): Promise<void> {
  const perStatement = Math.max(1, Math.min(MOST_ROWS, Math.floor(MOST_PARAMETERS / columns.length)))
  for (let from = 0; from < rows.length; from += perStatement) {
    const some = rows.slice(from, from + perStatement)
    const places = some.map((_, row) => `(${columns.map((__, column) => `$${row * columns.length + column + 1}`).join(', ')})`).join(', ')
    await client.query(`insert into ${quoted(name)} (${columns.map((column) => quoted(column.name)).join(', ')}) values ${places}`, some.flat())
  }
}

/**
 * Puts a filled schema in the place of the live one, in one transaction: the live tables move to the schema `former`, which is new,
 * and those of `schema` take their place, with the functions that belong to them. Nothing is dropped.
 */
export async function swapSchemas({ place, schema }: PostgresScratch, former: string): Promise<void> {
  const client = new pg.Client(connectionOf(place))
  await client.connect()
  try {
    await client.query('begin')
    const { rows } = await client.query<{ readonly name: string }>('select current_schema() as name')
    const live = rows[0]?.name
    if (live === undefined) throw new Error('The database has no schema to restore into.')
    await client.query(`create schema ${quoted(former)}`)
    await shareUse(client, live, former)
    await moveTables(client, live, former)
    await moveTables(client, schema, live)
    await client.query(`drop schema ${quoted(schema)}`)
    await client.query('commit')
  } finally {
    await client.end()
  }
}

const SHARED = `select coalesce(quote_ident(r.rolname), 'public') as grantee from pg_namespace n cross join aclexplode(n.nspacl) a left join pg_roles r on r.oid = a.grantee
  where n.nspname = $1 and a.privilege_type = 'USAGE' and a.grantee <> n.nspowner`

/** Whoever may use the tables may go on: an erasure by the running server reaches the former store too (PRI-4). */
async function shareUse(client: pg.Client, live: string, former: string): Promise<void> {
  const { rows } = await client.query<{ readonly grantee: string }>(SHARED, [live])
  for (const { grantee } of rows) await client.query(`grant usage on schema ${quoted(former)} to ${grantee}`)
}

/** Functions of one schema that belong to the tables of another: what their triggers call, and what is bound to them. Functions of the engine's own checks are elsewhere. */
const FUNCTIONS_OF_TABLES = `select distinct called.proname as name, pg_get_function_identity_arguments(called.oid) as arguments from pg_proc called where called.pronamespace = $2::regnamespace and (
  exists (select 1 from pg_trigger fired join pg_class fires_for on fires_for.oid = fired.tgrelid where fired.tgfoid = called.oid and fires_for.relnamespace = $1::regnamespace)
  or exists (select 1 from pg_depend bound join pg_class bound_to on bound_to.oid = bound.refobjid
    where bound.classid = 'pg_proc'::regclass and bound.objid = called.oid and bound.refclassid = 'pg_class'::regclass and bound_to.relnamespace = $1::regnamespace))`

async function moveTables(client: pg.Client, from: string, to: string): Promise<void> {
  const { rows } = await client.query<{ readonly name: string }>('select tablename as name from pg_tables where schemaname = $1', [from])
  for (const { name } of rows) await client.query(`alter table ${quoted(from)}.${quoted(name)} set schema ${quoted(to)}`)
  const { rows: functions } = await client.query<{ readonly name: string; readonly arguments: string }>(FUNCTIONS_OF_TABLES, [quoted(to), quoted(from)])
  for (const each of functions) await client.query(`alter function ${quoted(from)}.${quoted(each.name)}(${each.arguments}) set schema ${quoted(to)}`)
}

/** Removes a scratch schema with everything in it. */
export async function dropScratch({ place, schema }: PostgresScratch): Promise<void> {
  const client = new pg.Client(connectionOf(place))
  await client.connect()
  try {
    await client.query(`drop schema if exists ${quoted(schema)} cascade`)
  } finally {
    await client.end()
  }
}
