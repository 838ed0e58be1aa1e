import type { PostgresPlace } from './postgres/connection.ts'
import type { SqliteFile } from './sqlite/connect.ts'

/** Where a store is, told so that another thread can open it for itself. */
export type StoreSource = { readonly dialect: 'sqlite'; readonly file: SqliteFile } | { readonly dialect: 'postgres'; readonly place: PostgresPlace }

/** How a column's values travel in a logical dump, alike for both engines. */
export type ColumnKind = 'text' | 'number' | 'bytes'
export interface TableShape { readonly name: string; readonly columns: readonly { readonly name: string; readonly kind: ColumnKind }[] }

/** Everything at one moment, whatever is written meanwhile. Values are strings, numbers, bytes and nulls. */
export interface Snapshot {
  /** The names of the migrations that made this store, in order. */
  readonly migrations: readonly string[]
  /** Tables in an order in which each stands behind those that it refers to. */
  readonly tables: readonly TableShape[]
  count(table: string): Promise<number>
  /** The rows of a table, some at a time. */
  rows(table: TableShape): AsyncIterable<readonly (readonly unknown[])[]>
  close(): Promise<void>
}

/** An empty store that is filled from a dump. */
export interface FillTarget {
  readonly tables: readonly TableShape[]
  /** Throws when the engine refuses a row. */
  insert(table: TableShape, rows: readonly (readonly unknown[])[]): Promise<void>
  /** Checks references, and makes everything durable. Throws when a row refers to one that is not there. */
  finish(): Promise<void>
  /** Lets go without keeping a promise about what was inserted. */
  close(): Promise<void>
}

/** Word indexes are made again, of passages from their postings, of messages from their texts: an engine's own form of one is of no use to another. Sums are counted again, by the engine. */
const derivedTables = /^(?:passage_word|message_word|message_index|account_storage)/
/** Who is signed in, what answers are kept, who may set up, come in or mend a password, how far a rotation of keys is, which backups there are, and which values were found broken, is of the moment, and must not come back with old data. */
// With the key of names of days an old backup would resolve what nobody can any more.
const momentaryTables = new Set(['day_name_key', 'session', 'setup_token', 'owner_lock', 'password_guard', 'known_device', 'password_reset', 'email_change', 'invitation', 'sent_mail', 'factor_guard', 'factor_challenge', 'federated_session', 'federated_challenge', 'used_once', 'token_family', 'refresh_token', 'signing_key', 'revocation', 'data_key_stage', 'data_key_next', 'key_rotation', 'data_export', 'own_answer', 'shared_answer', 'backup_check', 'broken_value'])

/** Whether a table's rows belong into a dump. */
export const isDumped = (table: string) => !derivedTables.test(table) && !momentaryTables.has(table) && !/^(?:sqlite_|kysely_)/.test(table)

/** The kind of a column by its declared type. Throws for a type that nobody has thought about: a backup that leaves something out is none. */
export function columnKind(table: string, column: string, type: string): ColumnKind {
  switch (type.toLowerCase()) {
    case 'text': case 'character varying': return 'text'
    case 'integer': case 'bigint': case 'smallint': case 'real': case 'double precision': return 'number'
    case 'blob': case 'bytea': return 'bytes'
    default: throw new Error(`A backup does not know columns of the type "${type}" (${table}.${column}).`)
  }
}

/** Orders tables so that each stands behind those that it refers to. */
export function orderByReferences(tables: readonly TableShape[], references: ReadonlyMap<string, ReadonlySet<string>>): readonly TableShape[] {
  const ordered: TableShape[] = []
  const waiting = new Map(tables.toSorted((left, right) => (left.name < right.name ? -1 : 1)).map((table) => [table.name, table]))
  while (waiting.size > 0) {
    const free = [...waiting.values()].filter(({ name }) => [...references.get(name) ?? []].every((other) => other === name || !waiting.has(other)))
    if (free.length === 0) throw new Error('The tables refer to each other in a circle.')
    for (const table of free) { ordered.push(table); waiting.delete(table.name) }
  }
  return ordered
}
