import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads'
import SQLite from 'better-sqlite3-multiple-ciphers'
import { MissedExpectation, runBatch, type PlainStep } from '../run-batch.ts'
import { connectSqlite } from './connect.ts'
import { FORGET, type Forgotten, type WriterMessage, type WriterReply, type WriterRequest, type WriterStart, type WriterStep } from './protocol.ts'

// The writer thread: the only writing connection. All batches that wait while a commit runs share the next one (group commit):
// one sync for many turns, and no delay added where there is only one.

const { file, statements } = workerData as WriterStart
const port = parentPort
if (port === null) throw new Error('The writer runs as a worker thread only.')
const connection = connectSqlite(file, false)
const prepared = new Map<string, SQLite.Statement>()
const KEPT_STATEMENTS = 500

const begin = connection.prepare('begin immediate')
const commit = connection.prepare('commit')
const rollback = connection.prepare('rollback')
const savepoint = connection.prepare('savepoint batch')
const release = connection.prepare('release batch')
const undo = connection.prepare('rollback to batch')

const texts: string[] = []

port.on('message', (first: WriterRequest) => {
  const waiting: (readonly PlainStep[])[] = []
  let message: WriterRequest | undefined = first
  let closing = false
  let forgetting = 0
  while (message !== undefined) {
    if (message === 'close') closing = true
    else if (message === FORGET) forgetting += 1
    else {
      learn(message.statements)
      waiting.push(...message.batches.map((steps) => steps.map(toPlain)))
    }
    const next: { message: WriterRequest } | undefined = receiveMessageOnPort(port)
    message = next?.message
  }
  if (waiting.length > 0) port.postMessage(writeGroup(waiting))
  for (; forgetting > 0; forgetting -= 1) port.postMessage({ forgotten: emptyLog() } satisfies Forgotten)
  if (closing) {
    // The reading connection goes last, and may write nothing: the log would stay, with what was removed in it.
    emptyLog()
    connection.close()
    port.close()
  }
})

/** How long readers of what was there before are waited for, while nothing is written. */
const READERS_MILLISECONDS = 200
const BUSY_MILLISECONDS = 5_000

/** Copies the log of writes back and cuts it to nothing. False where a reader still needs it. */
function emptyLog(): boolean {
  try {
    connection.pragma(`busy_timeout = ${READERS_MILLISECONDS}`)
    return connection.pragma('wal_checkpoint(TRUNCATE)', { simple: true }) === 0
  } catch {
    return false
  } finally {
    connection.pragma(`busy_timeout = ${BUSY_MILLISECONDS}`)
  }
}

function learn(statements: WriterMessage['statements']): void {
  statements?.texts.forEach((text, index) => { texts[statements.from + index] = text })
}

function toPlain(step: WriterStep): PlainStep {
  if (!isStatement(step)) return { audit: step }
  const [statement, expectRows, parameters] = step
  return expectRows < 0 ? { sql: texts[statement] ?? '', parameters } : { sql: texts[statement] ?? '', parameters, expectRows }
}
const isStatement = (step: WriterStep): step is Extract<WriterStep, readonly unknown[]> => Array.isArray(step)

/** Writes all batches in one transaction. A batch that misses an expectation is undone alone; a failing disk fails them all. */
function writeGroup(batches: readonly (readonly PlainStep[])[]): WriterReply {
  try {
    begin.run()
    const reply = batches.map((steps) => writeBatch(steps))
    commit.run()
    return reply
  } catch (error) {
    if (connection.inTransaction) rollback.run()
    const failure = { outcome: isFull(error) ? 'full' : 'failed', message: String(error) } as const
    return batches.map(() => failure)
  }
}

function writeBatch(steps: readonly PlainStep[]): WriterReply[number] {
  savepoint.run()
  try {
    execute(steps)
    release.run()
    return null
  } catch (error) {
    // A full or failing disk ends the whole transaction: nothing of the group may be acknowledged.
    if (!connection.inTransaction || isFull(error) || isFailingDisk(error)) throw error
    undo.run()
    release.run()
    return { outcome: error instanceof MissedExpectation || isConstraint(error) ? 'conflict' : 'failed', message: String(error) }
  }
}

function execute(steps: readonly PlainStep[]): void {
  const batch = runBatch(steps, statements)
  let next = batch.next()
  while (next.done !== true) {
    const { sql, parameters, returnsRows } = next.value
    const statement = prepare(sql)
    next = returnsRows
      ? batch.next({ changed: 0, rows: statement.all(parameters) })
      : batch.next({ changed: statement.run(parameters).changes, rows: [] })
  }
}

function prepare(sql: string): SQLite.Statement {
  const known = prepared.get(sql)
  if (known !== undefined) return known
  if (prepared.size >= KEPT_STATEMENTS) prepared.clear()
  const statement = connection.prepare(sql)
  prepared.set(sql, statement)
  return statement
}

function codeOf(error: unknown): string {
  return error instanceof SQLite.SqliteError ? error.code : ''
}
function isFull(error: unknown): boolean { return codeOf(error).startsWith('SQLITE_FULL') }
function isFailingDisk(error: unknown): boolean { return codeOf(error).startsWith('SQLITE_IOERR') || codeOf(error).startsWith('SQLITE_READONLY') }
function isConstraint(error: unknown): boolean { return codeOf(error).startsWith('SQLITE_CONSTRAINT') }
