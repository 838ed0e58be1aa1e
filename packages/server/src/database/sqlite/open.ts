import { Worker } from 'node:worker_threads'
import { Kysely, SqliteDialect } from 'kysely'
import { storageFull, WriteConflict, type Database } from '../database.ts'
import { migrate } from '../migrate.ts'
import { toPlain, type PlainStep } from '../run-batch.ts'
import type { Schema } from '../schema.ts'
import { connectSqlite, type SqliteFile } from './connect.ts'
import type { WriterReply, WriterRequest, WriterStart } from './protocol.ts'

const statements = {
  lock: null,
  head: 'select sequence, hash from audit_entry order by sequence desc limit 1',
  insert: 'insert into audit_entry (sequence, at, action, actor, credential, outcome, detail, previous_hash, hash) values (?, ?, ?, ?, ?, ?, ?, ?, ?)',
} as const

/** Opens the embedded store: migrates it, then keeps one writer thread and one reading connection. Throws when the page key does not fit. */
export async function openSqlite(file: SqliteFile): Promise<Database> {
  const migrating = new Kysely<Schema>({ dialect: new SqliteDialect({ database: connectSqlite(file, false) }) })
  await migrate(migrating, 'sqlite')
  await migrating.destroy()
  const reader = connectSqlite(file, true)
  const read = new Kysely<Schema>({ dialect: new SqliteDialect({ database: reader }) })
  const writer = startWriter({ file, statements })
  return {
    dialect: 'sqlite', read,
    write: (steps) => writer.submit(steps.map(toPlain)),
    async close() {
      await writer.close()
      await read.destroy()
    },
  }
}

interface Waiting { readonly resolve: () => void; readonly reject: (error: unknown) => void }

function startWriter(start: WriterStart) {
  const worker = new Worker(new URL('./writer.ts', import.meta.url), { workerData: start, name: 'sallyport-writer' })
  const waiting = new Map<number, Waiting>()
  let unsent: WriterRequest[] = []
  let nextId = 0
  let broken: Error | null = null

  const fail = (error: Error) => {
    broken = error
    for (const { reject } of waiting.values()) reject(error)
    waiting.clear()
  }
  worker.on('message', (replies: readonly WriterReply[]) => {
    for (const reply of replies) settle(waiting, reply)
  })
  worker.on('error', fail)
  worker.on('exit', () => { fail(broken ?? new Error('The writer thread has ended.')) })

  // What one tick of the event loop writes travels in one message.
  const send = () => {
    const requests = unsent
    unsent = []
    worker.postMessage(requests)
  }
  return {
    submit: (steps: readonly PlainStep[]) => new Promise<void>((resolve, reject) => {
      if (broken !== null) { reject(broken); return }
      nextId += 1
      waiting.set(nextId, { resolve, reject })
      if (unsent.length === 0) setImmediate(send)
      unsent.push({ id: nextId, steps })
    }),
    close: () => new Promise<void>((resolve) => {
      if (unsent.length > 0) send()
      worker.once('exit', () => { resolve() })
      worker.postMessage('close')
    }),
  }
}

function settle(waiting: Map<number, Waiting>, reply: WriterReply): void {
  const caller = waiting.get(reply.id)
  waiting.delete(reply.id)
  if (caller === undefined) return
  switch (reply.outcome) {
    case 'written': caller.resolve(); return
    case 'conflict': caller.reject(new WriteConflict(reply.message)); return
    case 'full': caller.reject(storageFull(reply.message)); return
    case 'failed': caller.reject(new Error(`The store did not write: ${reply.message ?? 'no reason given'}`))
  }
}
