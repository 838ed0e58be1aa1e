import { Kysely, PostgresDialect, sql } from 'kysely'
import pg from 'pg'
import * as z from 'zod/mini'
import { inOrder, parseFormer, type FormerStore, type FormerStores, type OpenFormer } from '../former.ts'
import type { Schema } from '../schema.ts'
import { connectionOf, poolOf, type PostgresPlace } from './connection.ts'
import { quoted } from './describe.ts'
import { inSchema } from './fill.ts'

/** What the name of a schema with a former store begins with. */
export const FORMER_SCHEMA = 'sallyport_former_'
/** SQLSTATE of what a role may not do (PostgreSQL manual, appendix A). */
const NOT_ALLOWED = '42501'
const Names = z.array(z.object({ name: z.string() }))
// Another Sallyport may have a schema of its own in the same database: its tables are another role's.
const OWN = `select nspname::text as name from pg_namespace where nspname like 'sallyport\\_former\\_%'
  and exists (select 1 from pg_class c where c.relnamespace = pg_namespace.oid and c.relname = 'account' and c.relowner = (select relowner from pg_class where oid = to_regclass('account')))`

/** The former stores beside a scaled store whose tables have the same owner, oldest first. */
export async function listFormerSchemas(place: PostgresPlace): Promise<readonly FormerStore[]> {
  return withClient(place, async (client) => inOrder(Names.parse((await client.query(OWN)).rows).map(({ name }) => parseFormer(name, FORMER_SCHEMA))))
}

/** Opens a store as it is, without migrating it, with one connection that is made at the first query. Times and counts come back as numbers. */
export function openPostgresAsItIs(place: PostgresPlace): OpenFormer {
  const types = new pg.TypeOverrides()
  types.setTypeParser(pg.types.builtins.INT8, Number)
  const read = new Kysely<Schema>({ dialect: new PostgresDialect({ pool: new pg.Pool({ ...poolOf(place), max: 1, types }) }) })
  return { read, close: () => read.destroy() }
}

/** The former stores of a scaled store. */
export const postgresFormerStores = (place: PostgresPlace): FormerStores => ({
  list: () => listFormerSchemas(place),
  async open(name) {
    const { read, close } = openPostgresAsItIs(inSchema(place, name))
    const { rows } = await sql<{ readonly may: boolean }>`select has_schema_privilege(${name}, 'usage') as may`.execute(read)
    if (rows[0]?.may === true) return { read, close }
    await close()
    return null
  },
  remove: (name) => withClient(place, async (client) => {
    try {
      await client.query(`drop schema ${quoted(name)} cascade`)
      return 'removed'
    } catch (error) {
      if (!(error instanceof pg.DatabaseError) || error.code !== NOT_ALLOWED) throw error
      const { rowCount } = await client.query(`delete from ${quoted(name)}.data_key`)
      return rowCount === 0 ? null : 'keys-destroyed'
    }
  }),
})

async function withClient<Result>(place: PostgresPlace, work: (client: pg.Client) => Promise<Result>): Promise<Result> {
  const client = new pg.Client(connectionOf(place))
  client.on('error', () => undefined)
  try {
    await client.connect()
    return await work(client)
  } finally {
    await client.end().catch(() => undefined)
  }
}
