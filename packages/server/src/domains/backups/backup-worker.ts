import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { parentPort, workerData } from 'node:worker_threads'
import { openSnapshot } from '../../database/open-snapshot.ts'
import { openSqliteFill } from '../../database/sqlite/fill.ts'
import { openSqliteSnapshot } from '../../database/sqlite/snapshot.ts'
import { isPostQuantum, newIdentity } from './age.ts'
import { writeDump } from './dump.ts'
import { fillFromFiles } from './fill.ts'
import type { CheckRequest, FromWorker, Made, WorkerStart } from './protocol.ts'
import { writeSealed, type Written } from './sealed-file.ts'

// A backup's own thread: it reads the store on a connection of its own, so that nobody waits for it. First it makes the files; then, asked
// to, it restores what was stored into a scratch store. The server never holds an operator's identity. To read back what it wrote, this
// thread adds a recipient whose identity lives in its memory, and ends with it.

const start = workerData as WorkerStart
const port = parentPort
if (port === null) throw new Error('A backup runs as a worker thread only.')
const say = (message: FromWorker) => { port.postMessage(message) }

const own = await newIdentity(start.recipients.some(isPostQuantum))
const KEYS = 'data_key'

async function make(): Promise<Made> {
  const snapshot = await openSnapshot(start.source)
  try {
    let total = 0
    for (const { name } of snapshot.tables) total += await snapshot.count(name)
    const recipients = [...start.recipients, own.recipient]
    const keys = await writeSealed(join(start.staging, 'keys.age'), recipients, writeDump(snapshot, { head: start.head, wants: (table) => table === KEYS }))
    const dump = await writeSealed(join(start.staging, 'dump.age'), recipients, writeDump(snapshot, {
      head: start.head, wants: (table) => table !== KEYS, onRows: (done) => { say({ type: 'progress', done, total }) },
    }))
    return { dump: toFile(dump), keys: toFile(keys), tables: dump.facts.tables, migrations: snapshot.migrations }
  } finally {
    await snapshot.close()
  }
}

const toFile = ({ bytes, sha256, facts: { rows, textBytes, content } }: Written) => ({ bytes, sha256, rows, textBytes, content })

/** Restores into a scratch store with pages under a key that nobody keeps, then reads it again: the same rows must come out. */
async function check(made: Made, { dumpPath, keysPath }: CheckRequest): Promise<void> {
  const file = { path: join(start.staging, 'scratch.sqlite'), pageKey: randomBytes(32) }
  const expected = { dump: made.dump, keys: made.keys, storeId: start.head.storeId }
  await fillFromFiles({ dumpPath, keysPath, identities: [own.identity] }, {
    expected, open: (migration) => openSqliteFill(file, migration), onRows: (done) => { say({ type: 'progress', done, total: made.dump.rows }) },
  })
  const scratch = await openSqliteSnapshot(file)
  try {
    const writing = writeDump(scratch, { head: start.head, wants: (table) => table !== KEYS })
    let next = await writing.next()
    while (next.done !== true) next = await writing.next()
    if (next.value.content !== made.dump.content || next.value.rows !== made.dump.rows) throw new Error('What was restored is not what was backed up.')
  } finally {
    await scratch.close()
  }
}

try {
  const made = await make()
  port.once('message', (request: CheckRequest) => {
    check(made, request).then(() => { say({ type: 'checked' }) }, fail).finally(() => { port.close() })
  })
  say({ type: 'made', made })
} catch (error) {
  fail(error)
}

function fail(error: unknown): void {
  say({ type: 'failed', message: error instanceof Error ? error.message : 'The reason is not known.' })
}
