import { openSync, writeSync } from 'node:fs'
import { WriteConflict, type Database, type WriteStep } from '../../src/database/database.ts'
import { openSqlite } from '../../src/database/sqlite/open.ts'

// A process that does nothing but write through stores, and says what each has acknowledged: the one that is killed.
// `node writer-child.ts NAME BATCHES (PATH PAGE-KEY SAID)…`. Lines in the file SAID: `ready`, `wrote ID`, `refused ID WHY`, `wrong ID`, `end`.

const TOGETHER = 6
/** Every so many batches one misses its expectation, and must leave nothing behind. */
const CONFLICT_EVERY = 7

const [name = '', batches = '', ...places] = process.argv.slice(2)
const PER_STORE = 3

const event = (database: Database, id: string): WriteStep => ({
  query: database.read.insertInto('security_event').values({ id, at: 1, type: 'content-found', severity: 'info', account_id: null, detail: 'x'.repeat(200) }).compile(),
})
const impossible = (database: Database): WriteStep => ({ query: database.read.deleteFrom('security_event').where('id', '=', 'nobody').compile(), expectRows: 1 })

/** Two rows and an audit row: all three or none. */
const batchOf = (database: Database, id: string, isConflict: boolean): readonly WriteStep[] => [
  event(database, `${id}-a`),
  { audit: { at: 1, action: 'turn-ended', actor: 'writer', credential: 'none', outcome: 'allowed', detail: JSON.stringify({ id }) } },
  ...(isConflict ? [impossible(database)] : []),
  event(database, `${id}-b`),
]

interface Writing { readonly database: Database; readonly say: (line: string) => void }

async function writeOne({ database, say }: Writing, number: number): Promise<void> {
  const id = `${name}-${number}`
  const isConflict = number % CONFLICT_EVERY === 0
  try {
    await database.write(batchOf(database, id, isConflict))
    say(`${isConflict ? 'wrong' : 'wrote'} ${id}`)
  } catch (error) {
    if (!isConflict || !(error instanceof WriteConflict)) say(`refused ${id} ${String(error)}`)
  }
}

async function writeAll(path: string, pageKey: string, said: string): Promise<void> {
  // A file outlives the process that wrote to it, line by line; a pipe may be full.
  const file = openSync(said, 'a')
  const say = (line: string) => { writeSync(file, `${line}\n`) }
  const database = await openSqlite({ path, pageKey: Buffer.from(pageKey, 'hex') })
  say('ready')
  let next = 1
  await Promise.all(Array.from({ length: TOGETHER }, async () => {
    while (next <= Number(batches)) {
      const number = next
      next += 1
      await writeOne({ database, say }, number)
    }
  }))
  await database.close()
  say('end')
}

await Promise.all(Array.from({ length: places.length / PER_STORE }, (_, index) => {
  const [path = '', pageKey = '', said = ''] = places.slice(index * PER_STORE, (index + 1) * PER_STORE)
  return writeAll(path, pageKey, said)
}))
