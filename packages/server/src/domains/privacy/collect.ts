import type { Database } from '../../database/database.ts'
import { toMoment } from '../../kernel/clock.ts'
import { SealBroken, type Sealer } from '../../kernel/seal.ts'
import { createCollectStore, type Row, type Within } from './collect-store.ts'
import { exportedTables, isShown, tablesWithin, type ExportedTable } from './exported-tables.ts'
import type { ExportReach } from './tables.ts'
import type { ZipEntry } from './zip.ts'

/** How often it is told how far it is. */
const TOLD_ROWS = 100
/** The last moment that a date can say (ECMA-262, section 21.4.1.1). */
const LAST_MOMENT = 8.64e15
export interface CollectOptions { readonly accountId: string; readonly reach: ExportReach; readonly sealer: Sealer; readonly serverSealer: Sealer; readonly at: number; readonly onRows: (rows: number) => void }

/** What is held on one account, as far as the export reaches, as its files: a file of JSON for each table, and for the account's owner the conversations and documents as Markdown besides. */
export function collect(database: Database, options: CollectOptions): readonly ZipEntry[] {
  return [
    { name: 'README.md', content: () => readme(options) },
    ...(options.reach === 'everything' ? toBeRead(database, options) : []),
    ...tablesWithin(options.reach).map((table): ZipEntry => ({ name: `${table.table}.json`, content: () => tableAsJson(database, table, options) })),
  ]
}

const toBeRead = (database: Database, options: CollectOptions): readonly ZipEntry[] => [
  { name: 'conversations.md', content: () => conversationsAsMarkdown(database, options) },
  { name: 'documents.md', content: () => documentsAsMarkdown(database, options) },
]

/** The rows of a table as they are shown, with what was sealed opened. */
async function* rowsOf(database: Database, table: ExportedTable, { accountId, reach, sealer, serverSealer, within }: CollectOptions & { readonly within?: Within }): AsyncGenerator<Row> {
  for await (const row of createCollectStore(database).rowsOf(table, accountId, within)) {
    yield Object.fromEntries(Object.entries(row).filter(([column]) => isShown(table, column, reach)).map(([column, value]) => [column.replace(/_sealed$/, ''), shown(table, { column, value, row, sealer: table.sealedFor === 'server' ? serverSealer : sealer })]))
  }
}

interface Value { readonly column: string; readonly value: unknown; readonly row: Row; readonly sealer: Sealer }

function shown({ table }: ExportedTable, { column, value, row, sealer }: Value): unknown {
  if (value === null) return null
  if (value instanceof Uint8Array) return column.endsWith('_sealed') ? opened(sealer, { table, rowId: String(row['id']), column }, value) : null
  if (typeof value === 'number' && (column.endsWith('_at') || column === 'at') && Math.abs(value) <= LAST_MOMENT) return toMoment(value)
  return value
}

/** Sealed columns that hold JSON. Any other may look like it, as a name of figures does, and is a text. */
const sealedAsJson: ReadonlySet<string> = new Set(['citations_sealed', 'pseudonyms_sealed', 'device_sealed'])

/** A value that was damaged must not keep all others from their owner. */
function opened(sealer: Sealer, place: Parameters<Sealer['open']>[0], value: Uint8Array): unknown {
  try {
    const text = sealer.open(place, value)
    return sealedAsJson.has(place.column) ? JSON.parse(text) : text
  } catch (error) {
    if (error instanceof SealBroken) return 'This value was damaged and cannot be opened.'
    throw error
  }
}

async function* tableAsJson(database: Database, table: ExportedTable, options: CollectOptions): AsyncGenerator<string> {
  let count = 0
  yield '['
  for await (const row of rowsOf(database, table, options)) {
    yield `${count === 0 ? '' : ','}\n${JSON.stringify(row)}`
    count += 1
    if (count % TOLD_ROWS === 0) options.onRows(TOLD_ROWS)
  }
  options.onRows(count % TOLD_ROWS)
  yield '\n]\n'
}

const tableNamed = (name: ExportedTable['table']): ExportedTable => exportedTables.find(({ table }) => table === name) ?? { table: name, row: 'id', whose: { by: 'column', column: 'account_id' }, forOthers: 'nothing' }

async function* conversationsAsMarkdown(database: Database, options: CollectOptions): AsyncGenerator<string> {
  yield '# Conversations\n'
  for await (const conversation of rowsOf(database, tableNamed('conversation'), options)) {
    yield `\n## ${String(conversation['title'])}\n\nBegun ${String(conversation['created_at'])}, with ${String(conversation['model'])}.\n`
    for await (const message of rowsOf(database, tableNamed('message'), { ...options, within: { column: 'conversation_id', id: String(conversation['id']) } })) {
      yield `\n### ${message['role'] === 'user' ? 'Question' : 'Answer'}, ${String(message['created_at'])}\n\n${String(message['text'])}\n`
    }
  }
}

async function* documentsAsMarkdown(database: Database, options: CollectOptions): AsyncGenerator<string> {
  yield '# Documents\n'
  for await (const document of rowsOf(database, tableNamed('document'), options)) {
    yield `\n## ${String(document['title'])}\n`
    for await (const passage of rowsOf(database, tableNamed('passage'), { ...options, within: { column: 'document_id', id: String(document['id']) } })) yield `\n${String(passage['text'])}\n`
  }
}

async function* readme({ at, reach }: CollectOptions): AsyncGenerator<string> {
  await Promise.resolve()
  if (reach === 'account') {
    yield `# What is held on an account\n\nMade ${toMoment(at)}, by an administrator and not by the account's owner. Each file of JSON holds the rows of one table. Left out is what its owner alone may read: conversations and their messages, documents and their passages, and the reasons for which conversations were opened. The whole export is made by the owner, under **Your account**. Left out are also hashes, which say nothing, and secrets such as the seeds of authenticator apps.\n`
    return
  }
  yield `# What is held on you\n\nMade ${toMoment(at)}. \`conversations.md\` and \`documents.md\` are for reading. Each file of JSON holds the rows of one table: everything that the server holds on you, with what is sealed opened. Left out are hashes, which say nothing, and secrets such as the seeds of authenticator apps.\n`
}
