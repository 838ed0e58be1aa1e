import { Kysely, PostgresDialect } from 'kysely'
import pg from 'pg'
import * as z from 'zod/mini'
import { migrateTo } from '../migrate.ts'
import type { FillTarget, TableShape } from '../snapshot.ts'
import type { Schema } from '../schema.ts'
import { describeTables, quoted } from './describe.ts'
import { plainTypes } from './snapshot.ts'

/** PostgreSQL numbers parameters with 16 bits. */
const MOST_PARAMETERS = 60_000
const MOST_ROWS = 500
const Sequences = z.array(z.object({ table_name: z.string(), column_name: z.string() }))

/** The address of the same database with everything in one of its schemas. */
export function inSchema(url: string, schema: string): string {
  const address = new URL(url)
  address.searchParams.set('options', `-c search_path=${schema}`)
  return address.href
}

export interface PostgresScratch { readonly url: string; readonly schema: string }

/** An empty schema beside the live one, as after `migration`, to be filled from a dump. Throws when the role may not make schemas. */
export async function openPostgresFill({ url, schema }: PostgresScratch, migration: string): Promise<FillTarget> {
  const client = new pg.Client({ connectionString: inSchema(url, schema), types: plainTypes })
  await client.connect()
  try {
    await client.query(`create schema ${quoted(schema)}`)
    const migrating = new Kysely<Schema>({ dialect: new PostgresDialect({ pool: new pg.Pool({ connectionString: inSchema(url, schema), max: 2 }) }) })
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
    throw error
  }
}

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
 * and those of `schema` take their place. Nothing is dropped.
 */
export async function swapSchemas({ url, schema }: PostgresScratch, former: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await client.query('begin')
    const { rows } = await client.query<{ readonly name: string }>('select current_schema() as name')
    const live = rows[0]?.name
    if (live === undefined) throw new Error('The database has no schema to restore into.')
    await client.query(`create schema ${quoted(former)}`)
    await moveTables(client, live, former)
    await moveTables(client, schema, live)
    await client.query(`drop schema ${quoted(schema)}`)
    await client.query('commit')
  } finally {
    await client.end()
  }
}

async function moveTables(client: pg.Client, from: string, to: string): Promise<void> {
  const { rows } = await client.query<{ readonly name: string }>('select tablename as name from pg_tables where schemaname = $1', [from])
  for (const { name } of rows) await client.query(`alter table ${quoted(from)}.${quoted(name)} set schema ${quoted(to)}`)
}

/** Removes a scratch schema with everything in it. */
export async function dropScratch({ url, schema }: PostgresScratch): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await client.query(`drop schema if exists ${quoted(schema)} cascade`)
  } finally {
    await client.end()
  }
}
