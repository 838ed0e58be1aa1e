import type SQLite from 'better-sqlite3-multiple-ciphers'
import * as z from 'zod/mini'
import { columnKind, isDumped, orderByReferences, type TableShape } from '../snapshot.ts'

const Tables = z.array(z.object({ name: z.string(), type: z.string() }))
const Columns = z.array(z.object({ name: z.string(), type: z.string() }))
const References = z.array(z.object({ table: z.string() }))
const Migrations = z.array(z.object({ name: z.string() }))

/** The tables whose rows belong into a dump, with their columns. */
export function describeTables(connection: SQLite.Database): readonly TableShape[] {
  const names = Tables.parse(connection.pragma('main.table_list')).filter(({ name, type }) => type === 'table' && isDumped(name)).map(({ name }) => name)
  const tables = names.map((name): TableShape => ({
    name, columns: Columns.parse(connection.pragma(`table_info(${quoted(name)})`)).map((column) => ({ name: column.name, kind: columnKind(name, column.name, column.type) })),
  }))
  return orderByReferences(tables, new Map(names.map((name) => [name, new Set(References.parse(connection.pragma(`foreign_key_list(${quoted(name)})`)).map(({ table }) => table))])))
}

/** The migrations that made a store, in order. */
export const describeMigrations = (connection: SQLite.Database): readonly string[] =>
  Migrations.parse(connection.prepare('select name from kysely_migration order by name').all()).map(({ name }) => name)

/** A name as SQL takes it, whatever is in it. */
export const quoted = (name: string) => `"${name.replaceAll('"', '""')}"`
