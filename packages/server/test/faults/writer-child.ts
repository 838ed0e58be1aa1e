import { openSync, writeSync } from 'node:fs'
import { WriteConflict, type Database, type WriteStep } from '../../src/database/database.ts'
import { openSqlite } from '../../src/database/sqlite/open.ts'

// A process that does nothing but write through the store, and says what the store has acknowledged: the one that is killed.
// `node writer-child.ts PATH PAGE-KEY NAME BATCHES SAID`. Lines in the file SAID: `ready`, `wrote ID`, `refused ID WHY`, `wrong ID`, `end`.

const TOGETHER = 6
/** Every so many batches one misses its expectation, and must leave nothing behind. */
const CONFLICT_EVERY = 7

const [path = '', pageKey = '', name = '', batches = '', said = ''] = process.argv.slice(2)
// A file outlives the process that wrote to it, line by line; a pipe may be full.
const file = openSync(said, 'a')
const say = (line: string) => { writeSync(file, `${line}\n`) }

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

async function writeOne(database: Database, number: number): Promise<void> {
  const id = `${name}-${number}`
  const isConflict = number % CONFLICT_EVERY === 0
  try {
    await database.write(batchOf(database, id, isConflict))
    say(`${isConflict ? 'wrong' : 'wrote'} ${id}`)
  } catch (error) {
    if (!isConflict || !(error instanceof WriteConflict)) say(`refused ${id} ${String(error)}`)
  }
}

const database = await openSqlite({ path, pageKey: Buffer.from(pageKey, 'hex') })
say('ready')
let next = 1
await Promise.all(Array.from({ length: TOGETHER }, async () => {
  while (next <= Number(batches)) {
    const number = next
    next += 1
    await writeOne(database, number)
  }
}))
await database.close()
say('end')
