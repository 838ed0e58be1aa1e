import type pg from 'pg'
import * as z from 'zod/mini'
import { columnKind, isDumped, orderByReferences, type TableShape } from '../snapshot.ts'

const Columns = z.array(z.object({ table_name: z.string(), column_name: z.string(), data_type: z.string() }))
const References = z.array(z.object({ from_table: z.string(), to_table: z.string() }))

/** The tables of a schema whose rows belong into a dump, with their columns. */
export async function describeTables(client: pg.Client, schema: string): Promise<readonly TableShape[]> {
  const columns = Columns.parse((await client.query(
    `select c.table_name, c.column_name, c.data_type from information_schema.columns c
     join information_schema.tables t on t.table_schema = c.table_schema and t.table_name = c.table_name and t.table_type = 'BASE TABLE'
     where c.table_schema = $1 order by c.table_name, c.ordinal_position`, [schema])).rows).filter(({ table_name }) => isDumped(table_name))
  const references = References.parse((await client.query(
    `select a.relname as from_table, b.relname as to_table from pg_constraint k
     join pg_class a on a.oid = k.conrelid join pg_class b on b.oid = k.confrelid join pg_namespace n on n.oid = a.relnamespace
     where k.contype = 'f' and n.nspname = $1`, [schema])).rows)
  const tables = [...Map.groupBy(columns, ({ table_name }) => table_name)].map(([name, own]): TableShape => ({
    name, columns: own.map(({ column_name, data_type }) => ({ name: column_name, kind: columnKind(name, column_name, data_type) })),
  }))
  return orderByReferences(tables, new Map(tables.map(({ name }) => [name, new Set(references.filter(({ from_table }) => from_table === name).map(({ to_table }) => to_table))])))
}

/** A name as SQL takes it, whatever is in it. */
export const quoted = (name: string) => `"${name.replaceAll('"', '""')}"`
