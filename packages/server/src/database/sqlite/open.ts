import { Worker } from 'node:worker_threads'
import SQLite from 'better-sqlite3-multiple-ciphers'
import { Kysely, SqliteDialect, type SqliteDatabase } from 'kysely'
import { storageFull, storageUnavailable, WriteConflict, type Database, type WriteStep } from '../database.ts'
import { Recent } from '../../kernel/recent.ts'
import { migrate } from '../migrate.ts'
import type { Schema } from '../schema.ts'
import { connectSqlite, type SqliteFile } from './connect.ts'
import { withMigrator } from './migrating.ts'
import { FORGET, type Forgotten, type WriterMessage, type WriterReply, type WriterStart, type WriterStep } from './protocol.ts'

const statements = {
  lock: null,
  head: 'select sequence, hash from audit_entry order by sequence desc limit 1',
  insert: 'insert into audit_entry (sequence, at, action, actor, credential, outcome, detail, previous_hash, hash) values (?, ?, ?, ?, ?, ?, ?, ?, ?)',
} as const

/** Opens the embedded store: migrates it, then keeps one writer thread and one reading connection. Throws `StoreDamaged`. */
export async function openSqlite(file: SqliteFile): Promise<Database> {
  await withMigrator(file, (database) => migrate(database, 'sqlite')).catch((error: unknown) => { throw isDamage(error) ? new StoreDamaged(file.path, error) : error })
  const reader = connectSqlite(file, true)
  const read = new Kysely<Schema>({ dialect: new SqliteDialect({ database: keepStatements(reader) }) })
  const writer = startWriter({ file, statements })
  return {
    dialect: 'sqlite', read,
    write: writer.submit,
    forgetRemoved: writer.forget,
    async close() {
      await writer.close()
      await read.destroy()
    },
  }
}

/** How many statements are kept prepared; more than the product has, fewer than lists of every length could make. */
const KEPT_STATEMENTS = 400

/** Prepares each statement once: that takes as long as answering a small one. Nothing is iterated lazily, so no statement is busy when it is asked again. */
function keepStatements(connection: SQLite.Database): SqliteDatabase {
  const kept = new Recent<SQLite.Statement>(KEPT_STATEMENTS)
  return {
    prepare(sql) {
      const known = kept.get(sql)
      if (known !== undefined) return known
      const statement = connection.prepare(sql)
      kept.set(sql, statement)
      return statement
    },
    close() { connection.close() },
  }
}

/** The file is no store that this key opens. `message` is printed at start. */
export class StoreDamaged extends Error {
  override readonly name = 'StoreDamaged'
  constructor(path: string, cause: unknown) {
    super(`The store ${path} is damaged, or was encrypted with another key. Put the file back from a copy of the directory, or restore a backup.`, { cause })
  }
}

const isDamage = (error: unknown) => error instanceof SQLite.SqliteError && /^SQLITE_(?:NOTADB|CORRUPT)/.test(error.code)

interface Waiting { readonly steps: readonly WriterStep[]; readonly resolve: () => void; readonly reject: (error: unknown) => void }

/** The writer's side of this thread: numbers statements, gathers what one tick writes, and settles each batch when its group is durable. */
function startWriter(start: WriterStart) {
  const worker = new Worker(new URL('./writer.ts', import.meta.url), { workerData: start, name: 'sallyport-writer', resourceLimits: { maxYoungGenerationSizeMb: 4 } })
  const numbers = new Map<string, number>()
  const sent: Waiting[] = []
  let unsent: Waiting[] = []
  let newTexts: string[] = []
  let broken: Error | null = null
  const forgetting: ((forgotten: boolean) => void)[] = []

  const fail = (error: Error) => {
    broken = error
    for (const { reject } of [...sent.splice(0), ...unsent.splice(0)]) reject(error)
    for (const resolve of forgetting.splice(0)) resolve(false)
  }
  // Messages keep their order, and so do replies: the oldest batches are meant.
  worker.on('message', (reply: WriterReply | Forgotten) => {
    if ('forgotten' in reply) { forgetting.shift()?.(reply.forgotten); return }
    for (const outcome of reply) settle(sent.shift(), outcome)
    if (unsent.length > 0 && sent.length === 0) setImmediate(send)
  })
  worker.on('error', fail)
  worker.on('exit', () => { fail(broken ?? new Error('The writer thread has ended.')) })

  const toStep = (step: WriteStep): WriterStep => {
    if ('audit' in step) return step.audit
    const { sql, parameters } = step.query
    let number = numbers.get(sql)
    if (number === undefined) {
      number = numbers.size
      numbers.set(sql, number)
      newTexts.push(sql)
    }
    return [number, step.expectRows ?? -1, parameters]
  }
  // What one tick of the event loop writes travels in one message.
  const send = () => {
    if (unsent.length === 0) return
    const message: WriterMessage = {
      statements: newTexts.length === 0 ? null : { from: numbers.size - newTexts.length, texts: newTexts },
      batches: unsent.map(({ steps }) => steps),
    }
    sent.push(...unsent)
    unsent = []
    newTexts = []
    worker.postMessage(message)
  }
  return {
    submit: (steps: readonly WriteStep[]) => new Promise<void>((resolve, reject) => {
      if (broken !== null) { reject(broken); return }
      // One group is under way at a time: what comes meanwhile shares the next message and the next sync.
      if (unsent.length === 0 && sent.length === 0) setImmediate(send)
      unsent.push({ steps: steps.map(toStep), resolve, reject })
    }),
    forget: () => new Promise<boolean>((resolve) => {
      if (broken !== null) { resolve(false); return }
      send()
      forgetting.push(resolve)
      worker.postMessage(FORGET)
    }),
    close: () => new Promise<void>((resolve) => {
      send()
      worker.once('exit', () => { resolve() })
      worker.postMessage('close')
    }),
  }
}

function settle(caller: Waiting | undefined, reply: WriterReply[number]): void {
  if (caller === undefined) return
  if (reply === null) { caller.resolve(); return }
  switch (reply.outcome) {
    case 'conflict': caller.reject(new WriteConflict(reply.message)); return
    case 'full': caller.reject(storageFull(reply.message)); return
    case 'failed': caller.reject(storageUnavailable(reply.message))
  }
}
