import * as z from 'zod'
import type { ColumnKind, FillTarget, TableShape } from '../../database/snapshot.ts'
import { createTally, type DumpFacts } from './dump.ts'

/** What was read is no whole dump, or another one than was promised. `message` is shown to the operator. */
export class DumpBroken extends Error {
  override readonly name = 'DumpBroken'
}

const MOST_LINE_CHARACTERS = 268_435_456
const ROWS = 500

const Head = z.strictObject({ sallyport: z.literal('logical-dump'), format: z.literal(1), storeId: z.string(), madeAt: z.string(), migrations: z.array(z.string()) })
const Table = z.strictObject({ table: z.string(), columns: z.array(z.string()), kinds: z.array(z.string()) })
const End = z.strictObject({ end: z.strictObject({ rows: z.int(), tables: z.record(z.string(), z.int()), content: z.string() }) })
const Row = z.array(z.union([z.string(), z.number(), z.null()]))
export type DumpHeadLine = z.output<typeof Head>

export interface ReadOptions {
  /** More text than this is refused before it is read. */
  readonly mostTextBytes: number
  /** Opens what takes the rows, once the head is known; null reads without keeping. */
  readonly open: (head: DumpHeadLine) => Promise<Pick<FillTarget, 'tables' | 'insert'>>
  readonly onRows?: (rows: number) => void
}

/** Reads a dump into an empty store. Every table and column must be one of the store's. Throws `DumpBroken`. */
export async function readDump(source: AsyncIterable<Uint8Array>, { mostTextBytes, open, onRows }: ReadOptions): Promise<DumpFacts & { readonly head: DumpHeadLine }> {
  const lines = linesOf(source, mostTextBytes)
  const first = await lines.next()
  if (first.done === true) throw new DumpBroken('The backup is empty.')
  const head = parse(Head, first.value)
  const target = await open(head)
  const tally = createTally()
  let textBytes = Buffer.byteLength(first.value) + 1
  let shape: TableShape | null = null
  let end: z.output<typeof End>['end'] | null = null
  let waiting: (readonly unknown[])[] = []
  const flush = async () => {
    if (shape !== null && waiting.length > 0) await target.insert(shape, waiting)
    waiting = []
    onRows?.(tally.rows())
  }
  for await (const line of lines) {
    if (end !== null) throw new DumpBroken('The backup goes on behind its end.')
    textBytes += Buffer.byteLength(line) + 1
    if (line.startsWith('[')) {
      if (shape === null) throw new DumpBroken('The backup has rows without a table.')
      waiting.push(valuesOf(shape, parse(Row, line)))
      tally.add(shape.name, line)
      if (waiting.length >= ROWS) await flush()
      continue
    }
    await flush()
    if (line.startsWith('{"end":')) { end = parse(End, line).end; continue }
    shape = shapeOf(parse(Table, line), target.tables)
    if (tally.has(shape.name)) throw new DumpBroken(`The backup has the table ${shape.name} twice.`)
    tally.begin(shape.name)
  }
  const facts = tally.facts()
  if (end === null || end.rows !== facts.rows || end.content !== facts.content) throw new DumpBroken('The backup is cut, or its rows are not those that it counts.')
  return { ...facts, textBytes, head }
}

function parse<Schema extends z.ZodType>(schema: Schema, line: string): z.output<Schema> {
  try {
    return schema.parse(JSON.parse(line))
  } catch (error) {
    throw new DumpBroken('The backup has a line that is not of its format.', { cause: error })
  }
}

function shapeOf({ table, columns, kinds }: z.output<typeof Table>, known: readonly TableShape[]): TableShape {
  const own = known.find(({ name }) => name === table)
  const kindOf = (column: string): ColumnKind | undefined => own?.columns.find(({ name }) => name === column)?.kind
  if (own === undefined || columns.length !== own.columns.length || new Set(columns).size !== columns.length || columns.some((column, index) => kindOf(column) !== kinds[index])) {
    throw new DumpBroken(`The backup has a table that a store of its version does not have in that form: ${table.slice(0, 60)}.`)
  }
  return { name: table, columns: columns.map((name) => ({ name, kind: kindOf(name) ?? 'text' })) }
}

function valuesOf({ name, columns }: TableShape, row: z.output<typeof Row>): readonly unknown[] {
  if (row.length !== columns.length) throw new DumpBroken(`A row of ${name} has another number of values than the table.`)
  return row.map((value, index) => {
    const kind = columns[index]?.kind
    if (value === null) return null
    if (kind === 'bytes' && typeof value === 'string') return Buffer.from(value, 'base64')
    if ((kind === 'text' && typeof value === 'string') || (kind === 'number' && typeof value === 'number')) return value
    throw new DumpBroken(`A value of ${name} has another kind than its column.`)
  })
}

async function* linesOf(source: AsyncIterable<Uint8Array>, mostTextBytes: number): AsyncGenerator<string, void> {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let rest: string[] = []
  let restCharacters = 0
  let bytes = 0
  for await (const piece of source) {
    bytes += piece.byteLength
    if (bytes > mostTextBytes) throw new DumpBroken('The backup holds more than it says.')
    const parts = decode(decoder, piece).split('\n')
    const last = parts.pop() ?? ''
    for (const part of parts) {
      yield rest.length === 0 ? part : rest.join('') + part
      rest = []
      restCharacters = 0
    }
    rest.push(last)
    restCharacters += last.length
    if (restCharacters > MOST_LINE_CHARACTERS) throw new DumpBroken('The backup has a line that is too long.')
  }
  if (rest.join('') !== '') throw new DumpBroken('The backup is cut within a line.')
}

function decode(decoder: InstanceType<typeof TextDecoder>, piece: Uint8Array): string {
  try {
    return decoder.decode(piece, { stream: true })
  } catch (error) {
    throw new DumpBroken('The backup is not in UTF-8.', { cause: error })
  }
}
