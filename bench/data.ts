/** Sealing: what it costs to seal and open a message. Backup: how fast a store of sealed messages is read, compressed and sealed for its recipient, and what readers notice of it. Search: how fast words are found. */
import { randomBytes } from 'node:crypto'
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { newIdentity } from '../packages/server/src/ops/index.ts'
import { createSealer } from '../packages/server/src/kernel/seal.ts'
import { openTestServer, type Person, type TestServer } from '../packages/server/src/testing/server.ts'
import type { Bench, BenchOptions } from './lib/bench.ts'
import { figureOf, quantile, type Figure } from './lib/figure.ts'
import { searching } from './lib/search.ts'

const MESSAGE_BYTES = 4_096
const MESSAGES = 30_000
/** The negative control: as many rows, and next to nothing in them, so that a row costs what its bytes do not. */
const TINY_BYTES = 16
const PER_BATCH = 500
/** Each look reads the manifests on the same two processors: more of them would be measured with the backup. */
const LOOK_MILLISECONDS = 50

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

/** `processorSeconds` are of all threads, readers' calls included: what the reading costs where other processes wait for the same processors. */
interface Timed { readonly readingSeconds: number; readonly processorSeconds: number; readonly allSeconds: number; readonly waits: readonly number[] }

/** Makes a backup, looks at its stage meanwhile, and calls the API as a reader would. */
async function backUp({ sallyport: { domains: { backups } } }: TestServer, owner: Person): Promise<Timed> {
  const from = performance.now()
  const processor = process.cpuUsage()
  const begun = await owner.call('POST', '/api/v1/backups')
  if (begun.status !== 200) throw new Error(`The backup did not begin: ${begun.text}`)
  let readingSeconds = Number.NaN
  let processorSeconds = Number.NaN
  const waits: number[] = []
  for (;;) {
    const { running, last } = await backups.list()
    const seconds = (performance.now() - from) / 1_000
    if (Number.isNaN(readingSeconds) && running?.stage !== 'reading' && running?.stage !== 'storing') {
      const { user, system } = process.cpuUsage(processor)
      processorSeconds = (user + system) / 1e6
      readingSeconds = seconds
    }
    if (running === null) {
      if (last?.outcome !== 'made') throw new Error(`The backup failed: ${last?.problem ?? ''}`)
      return { readingSeconds, processorSeconds, allSeconds: seconds, waits }
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

const SEALED_SAMPLES = 20_000
const WARM_UP = 5_000
/** The negative control: as many bytes again and again, so that sealing costs what one message does not. */
const LONG_BYTES = 1_048_576

/** Microseconds for each of many calls. */
function timeEach(samples: number, call: (index: number) => unknown): readonly number[] {
  for (let index = 0; index < Math.min(WARM_UP, samples); index += 1) call(index)
  return Array.from({ length: samples }, (_, index) => {
    const from = performance.now()
    call(index)
    return (performance.now() - from) * 1_000
  })
}

/** What one message costs, under a key that was rotated once, as every key is sooner or later. */
function sealing(negativeControl: boolean): readonly Figure[] {
  const samples = negativeControl ? 200 : SEALED_SAMPLES
  const sealer = createSealer('acc_1', new Map([[0, randomBytes(32)], [1, randomBytes(32)], [2, randomBytes(32)]]))
  const place = { table: 'message', rowId: 'msg_1', column: 'text_sealed' }
  const text = 'The quick brown fox sat upon the lazy dog and thought of gates. '.repeat(LONG_BYTES / 64).slice(0, negativeControl ? LONG_BYTES : MESSAGE_BYTES)
  const sealed = sealer.seal(place, text)
  const described = `${samples} calls with a text of ${Buffer.byteLength(text)} bytes`
  return [
    figureOf({ id: 'data.seal', value: quantile(timeEach(samples, () => sealer.seal(place, text)), 0.5), unit: 'µs', bound: { atMost: 30 }, samples: described }),
    figureOf({ id: 'data.open', value: quantile(timeEach(samples, () => sealer.open(place, sealed)), 0.5), unit: 'µs', bound: { atMost: 30 }, samples: described }),
  ]
}

const run = async (options: BenchOptions): Promise<readonly Figure[]> => [...await sealedAndKept(options), ...await searching(options)]

async function sealedAndKept({ negativeControl, note }: BenchOptions): Promise<readonly Figure[]> {
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
    ...sealing(negativeControl),
    figureOf({ id: 'data.backup', value: rate(best?.readingSeconds), unit: 'MB/s', bound: { atLeast: 60 }, samples: `the better of 2 backups of ${MESSAGES} sealed messages, ${Math.round(bytes / 1e6)} MB, from the snapshot to the synced file`, baseline: { 'per second of processor time': rate(best?.processorSeconds), 'with the restore that proves it': rate(best?.allSeconds) } }),
    figureOf({ id: 'data.backup-size', value: storedBytes / bytes, unit: 'of the sealed text', bound: null, samples: '1 backup' }),
    figureOf({ id: 'data.backup-read-p95', value: quantile(runs.flatMap(({ waits }) => waits), 0.95), unit: 'ms', bound: null, samples: `${runs.flatMap(({ waits }) => waits).length} reads while backups are made`, baseline: { 'without one': quantile(before, 0.95) } }),
  ]
}

export const bench: Bench = { title: 'Sealing, backup and search', run }
