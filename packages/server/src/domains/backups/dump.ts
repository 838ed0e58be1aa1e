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
  /** A SHA-256 over the exclusive or of the digests of each table's rows: equal for equal stores, in whatever order an engine gives rows. */
  readonly content: string
}

const PIECE_BYTES = 1_048_576
/** Of a row beyond a full piece, before the piece is copied into a larger one: most rows of messages. */
const SLACK_BYTES = 65_536
const DIGEST_BYTES = 32
/** Of one UTF-16 unit. */
const MOST_UTF8_BYTES = 3

/** Gathers what is said of a dump's rows, alike when it is written and when it is read. */
export function createTally() {
  const tables = new Map<string, { rows: number; readonly content: Buffer }>()
  let rows = 0
  return {
    rows: () => rows,
    has: (table: string) => tables.has(table),
    begin(table: string) { tables.set(table, { rows: 0, content: Buffer.alloc(DIGEST_BYTES) }) },
    /** `line` is the row as it stands in the dump, without its end. */
    add(table: string, line: string | Uint8Array) {
      const own = tables.get(table)
      if (own === undefined) throw new Error(`The table ${table} was not begun.`)
      const digest = hash('sha256', line, 'buffer')
      for (let at = 0; at < DIGEST_BYTES; at += 4) own.content.writeInt32LE(own.content.readInt32LE(at) ^ digest.readInt32LE(at), at)
      own.rows += 1
      rows += 1
    },
    facts: () => ({
      rows, tables: Object.fromEntries([...tables].map(([name, own]) => [name, own.rows])),
      content: hash('sha256', [...tables].map(([name, { content }]) => `${name} ${content.toString('hex')}\n`).toSorted().join('')),
    }),
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
  const lines = createLines()
  lines.text(JSON.stringify({ sallyport: 'logical-dump', format: 1, ...head, migrations: snapshot.migrations }))
  lines.end()
  for (const table of snapshot.tables.filter(({ name }) => wants(name))) {
    tally.begin(table.name)
    lines.text(JSON.stringify({ table: table.name, columns: table.columns.map(({ name }) => name), kinds: table.columns.map(({ kind }) => kind) }))
    lines.end()
    for await (const rows of snapshot.rows(table)) {
      for (const row of rows) {
        sayRow(lines, table, row)
        tally.add(table.name, lines.end())
        if (lines.waiting() >= PIECE_BYTES) yield lines.take()
      }
      onRows?.(tally.rows())
    }
  }
  lines.text(JSON.stringify({ end: tally.facts() }))
  lines.end()
  yield lines.take()
  return { ...tally.facts(), textBytes: lines.taken() }
}

/** Lines, written straight into bytes: a row's sealed text goes through no string that must be searched for quotes. */
function createLines() {
  let buffer = Buffer.allocUnsafe(PIECE_BYTES + SLACK_BYTES)
  let at = 0
  let lineAt = 0
  let taken = 0
  const reserve = (bytes: number) => {
    if (buffer.byteLength - at >= bytes + 1) return
    const larger = Buffer.allocUnsafe(Math.max(buffer.byteLength * 2, at + bytes + 1))
    buffer.copy(larger, 0, 0, at)
    buffer = larger
  }
  return {
    text(part: string) {
      reserve(part.length * MOST_UTF8_BYTES)
      at += buffer.write(part, at, 'utf8')
    },
    base64(bytes: Uint8Array) {
      const part = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64')
      reserve(part.length + 2)
      at += buffer.write('"', at, 'latin1')
      at += buffer.write(part, at, 'latin1')
      at += buffer.write('"', at, 'latin1')
    },
    /** Ends the line, and gives its bytes, which are good until the next call. */
    end(): Uint8Array {
      const line = buffer.subarray(lineAt, at)
      reserve(1)
      at += buffer.write('\n', at, 'latin1')
      lineAt = at
      return line
    },
    waiting: () => at,
    take(): Buffer {
      const piece = buffer.subarray(0, at)
      taken += at
      buffer = Buffer.allocUnsafe(PIECE_BYTES + SLACK_BYTES)
      at = 0
      lineAt = 0
      return piece
    },
    taken: () => taken,
  }
}

/** One row as JSON. Throws for a value that its column's kind does not have. */
function sayRow(lines: ReturnType<typeof createLines>, { name, columns }: TableShape, row: readonly unknown[]): void {
  lines.text('[')
  for (const [index, value] of row.entries()) {
    const column = columns[index]
    if (index > 0) lines.text(',')
    if (value === null) lines.text('null')
    else if (column?.kind === 'bytes' && value instanceof Uint8Array) lines.base64(value)
    else if ((column?.kind === 'text' && typeof value === 'string') || (column?.kind === 'number' && typeof value === 'number' && Number.isFinite(value))) lines.text(JSON.stringify(value))
    else throw new Error(`A value of ${name}.${column?.name ?? index} has another kind than its column.`)
  }
  lines.text(']')
}
