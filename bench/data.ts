/** Backup: how fast a store of sealed messages is read, compressed and sealed for its recipient, and what readers notice of it. */
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { newIdentity } from '../packages/server/src/ops/index.ts'
import { openTestServer, type Person, type TestServer } from '../packages/server/src/testing/server.ts'
import type { Bench, BenchOptions } from './lib/bench.ts'
import { figureOf, quantile, type Figure } from './lib/figure.ts'

const MESSAGE_BYTES = 4_096
const MESSAGES = 30_000
/** The negative control: as many rows, and next to nothing in them, so that a row costs what its bytes do not. */
const TINY_BYTES = 16
const PER_BATCH = 500
const LOOK_MILLISECONDS = 10

/** Fills the store as the server does, through its writer, with text sealed under the owner's key. Gives the bytes of sealed text. */
async function fill({ sallyport: { database, domains } }: TestServer, owner: Person, textBytes: number): Promise<number> {
  const conversation = await owner.newConversation()
  const accountId = owner.account.id
  const sealer = await domains.keyRing.sealerOf(accountId)
  const text = 'The quick brown fox sat upon the lazy dog and thought of gates. '.repeat(Math.ceil(textBytes / 60)).slice(0, textBytes)
  let bytes = 0
  for (let from = 0; from < MESSAGES; from += PER_BATCH) {
    const rows = Array.from({ length: PER_BATCH }, (_, index) => {
      const id = `msg_${String(from + index).padStart(32, '0')}`
      const sealed = sealer.seal({ table: 'message', rowId: id, column: 'text_sealed' }, text)
      bytes += sealed.byteLength
      return { id, conversation_id: conversation, account_id: accountId, turn_id: id.replace('msg', 'trn'), role: 'user' as const, status: 'complete' as const, model: 'sallyport/library', text_sealed: sealed, citations_sealed: null, notices: '[]', rating: null, comment_sealed: null, created_at: 1 + from + index }
    })
    await database.write(rows.map((row) => ({ query: database.read.insertInto('message').values(row).compile() })))
  }
  return bytes
}

interface Timed { readonly readingSeconds: number; readonly allSeconds: number; readonly waits: readonly number[] }

/** Makes a backup, looks at its stage meanwhile, and calls the API as a reader would. */
async function backUp({ sallyport: { domains: { backups } } }: TestServer, owner: Person): Promise<Timed> {
  const from = performance.now()
  const begun = await owner.call('POST', '/api/v1/backups')
  if (begun.status !== 200) throw new Error(`The backup did not begin: ${begun.text}`)
  let readingSeconds = Number.NaN
  const waits: number[] = []
  for (;;) {
    const { running, last } = await backups.list()
    const seconds = (performance.now() - from) / 1_000
    if (Number.isNaN(readingSeconds) && running?.stage !== 'reading' && running?.stage !== 'storing') readingSeconds = seconds
    if (running === null) {
      if (last?.outcome !== 'made') throw new Error(`The backup failed: ${last?.problem ?? ''}`)
      return { readingSeconds, allSeconds: seconds, waits }
    }
    waits.push(await readOnce(owner))
    await wait(LOOK_MILLISECONDS)
  }
}

/** Milliseconds for a small read over the wire. */
async function readOnce(owner: Person): Promise<number> {
  const from = performance.now()
  await owner.call('GET', '/healthz')
  return performance.now() - from
}

async function run({ negativeControl, note }: BenchOptions): Promise<readonly Figure[]> {
  await using server = await openTestServer({ withHandbook: true })
  const owner = await server.setUpOwner()
  note(`${MESSAGES} messages`)
  const bytes = await fill(server, owner, negativeControl ? TINY_BYTES : MESSAGE_BYTES)
  await owner.call('PUT', '/api/v1/backup-recipients', { recipients: [(await newIdentity(false)).recipient] })
  const before: number[] = []
  for (let index = 0; index < 200; index += 1) before.push(await readOnce(owner))
  note('two backups')
  const runs = [await backUp(server, owner), await backUp(server, owner)]
  const best = runs.toSorted((left, right) => left.readingSeconds - right.readingSeconds)[0]
  const rate = (seconds: number | undefined) => bytes / 1e6 / (seconds ?? Number.NaN)
  const [item] = (await server.sallyport.domains.backups.list()).items
  const storedBytes = item === undefined ? Number.NaN : statSync(join(`${server.dataDirectory}-backups`, `${item.name}.age`)).size
  return [
    figureOf({ id: 'data.backup', value: rate(best?.readingSeconds), unit: 'MB/s', bound: { atLeast: 60 }, samples: `the better of 2 backups of ${MESSAGES} sealed messages, ${Math.round(bytes / 1e6)} MB, from the snapshot to the synced file`, baseline: { 'with the restore that proves it': rate(best?.allSeconds) } }),
    figureOf({ id: 'data.backup-size', value: storedBytes / bytes, unit: 'of the sealed text', bound: null, samples: '1 backup' }),
    figureOf({ id: 'data.backup-read-p95', value: quantile(runs.flatMap(({ waits }) => waits), 0.95), unit: 'ms', bound: null, samples: `${runs.flatMap(({ waits }) => waits).length} reads while backups are made`, baseline: { 'without one': quantile(before, 0.95) } }),
  ]
}

export const bench: Bench = { title: 'Backup', run }
