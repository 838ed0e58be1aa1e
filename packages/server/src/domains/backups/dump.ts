import { hash } from 'node:crypto'
import type { Snapshot, TableShape } from '../../database/snapshot.ts'

/** The first line of a logical dump. */
export interface DumpHead { readonly storeId: string; readonly madeAt: string }

/** What a dump holds, known when it was written. */
export interface DumpFacts {
  readonly rows: number
  readonly textBytes: number
  /** Rows by table. */
  readonly tables: Readonly<Record<string, number>>
  /** The exclusive or of the SHA-256 of every row with its table: equal for equal stores, in whatever order an engine gives rows. */
  readonly content: string
}

const PIECE_CHARACTERS = 524_288

/** Gathers what is said of a dump's rows, alike when it is written and when it is read. */
export function createTally() {
  const content = Buffer.alloc(32)
  const tables: Record<string, number> = {}
  let rows = 0
  return {
    begin(table: string) { tables[table] = 0 },
    add(table: string, line: string) {
      const digest = hash('sha256', `${table}\n${line}`, 'buffer')
      for (let at = 0; at < 32; at += 4) content.writeInt32LE(content.readInt32LE(at) ^ digest.readInt32LE(at), at)
      tables[table] = (tables[table] ?? 0) + 1
      rows += 1
    },
    facts: () => ({ rows, tables: { ...tables }, content: content.toString('hex') }),
  }
}

export interface DumpOptions {
  readonly head: DumpHead
  readonly wants: (table: string) => boolean
  /** Told now and then how many rows are written. */
  readonly onRows?: (rows: number) => void
}

/**
 * Writes a snapshot as lines of JSON: a head, then each table with its rows as arrays, then the counts. Bytes are in base64, and what is
 * sealed stays sealed. Ends with the facts of what it wrote.
 */
export async function* writeDump(snapshot: Snapshot, { head, wants, onRows }: DumpOptions): AsyncGenerator<Buffer, DumpFacts> {
  const tally = createTally()
  let textBytes = 0
  let waiting: string[] = []
  let characters = 0
  const take = () => {
    const piece = Buffer.from(waiting.join(''))
    waiting = []
    characters = 0
    textBytes += piece.byteLength
    return piece
  }
  const say = (line: string) => { waiting.push(line, '\n'); characters += line.length + 1 }
  say(JSON.stringify({ sallyport: 'logical-dump', format: 1, ...head, migrations: snapshot.migrations }))
  for (const table of snapshot.tables.filter(({ name }) => wants(name))) {
    tally.begin(table.name)
    say(JSON.stringify({ table: table.name, columns: table.columns.map(({ name }) => name), kinds: table.columns.map(({ kind }) => kind) }))
    for await (const rows of snapshot.rows(table)) {
      for (const row of rows) {
        const line = lineOf(table, row)
        tally.add(table.name, line)
        say(line)
        if (characters >= PIECE_CHARACTERS) yield take()
      }
      onRows?.(tally.facts().rows)
    }
  }
  say(JSON.stringify({ end: tally.facts() }))
  yield take()
  return { ...tally.facts(), textBytes }
}

/** One row as a line. Throws for a value that its column's kind does not have. */
export function lineOf({ name, columns }: TableShape, row: readonly unknown[]): string {
  return JSON.stringify(row.map((value, index) => {
    const column = columns[index]
    if (value === null) return null
    if (column?.kind === 'bytes' && value instanceof Uint8Array) return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64')
    if (column?.kind === 'text' && typeof value === 'string') return value
    if (column?.kind === 'number' && typeof value === 'number' && Number.isFinite(value)) return value
    throw new Error(`A value of ${name}.${column?.name ?? index} has another kind than its column.`)
  }))
}
