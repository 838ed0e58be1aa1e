import { randomBytes } from 'node:crypto'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { figureOf, type Fault, type FaultOptions, type Figure } from './lib/figure.ts'
import { PATCHED_SOURCE, type Patch } from './lib/patches.ts'
import { makeScratch } from './lib/places.ts'
import { start, until } from './lib/process.ts'
import { createRandom } from './lib/random.ts'
import { readKept, readSaid, WRITER_CHILD } from './lib/written.ts'

/** Kills over one file before a new one is begun, so that opening it stays quick. */
const KILLS_PER_FILE = 25
const AT_ONCE = 2
/** From so many kills on, so many writers share a process, each with a store of its own. */
const MANY = 500
const TOGETHER = 8
const FIRST_WRITES_MILLISECONDS = 60
const START_MILLISECONDS = 400

/** A writer thread that answers first and commits a moment later. It must be found to lose something. */
export const answersBeforeCommit: readonly Patch[] = [
  { file: 'database/sqlite/writer.ts', from: 'begin.run()', to: 'if (!connection.inTransaction) begin.run()' },
  { file: 'database/sqlite/writer.ts', from: '    commit.run()\n', to: '    setTimeout(() => { if (connection.inTransaction) commit.run() }, 50)\n' },
]

export interface Outcome {
  kills: number
  acknowledged: number
  readonly lost: string[]
  readonly torn: string[]
  readonly wrong: string[]
  readonly corrupt: string[]
}

/** A store that is written to, killed and read, over and over, and all that it has ever acknowledged. */
interface Store { readonly path: string; readonly said: string; readonly pageKey: Uint8Array; readonly acknowledged: Set<string> }
interface Writing { readonly stores: readonly Store[]; readonly name: string; readonly patches: readonly Patch[] }

/** Lets a process write to its stores, and ends it after a while: mostly among its first writes, sometimes while it is still opening them. */
async function writeUntilKilled({ stores, name, patches }: Writing, milliseconds: { readonly afterReady: number } | { readonly afterStart: number }): Promise<void> {
  for (const { said } of stores) rmSync(said, { force: true })
  const running = start({
    command: process.execPath, args: [...(patches.length > 0 ? ['--import', PATCHED_SOURCE] : []), WRITER_CHILD, name, '1000000', ...stores.flatMap(({ path, pageKey, said }) => [path, Buffer.from(pageKey).toString('hex'), said])],
    environment: patches.length > 0 ? { SALLYPORT_TEST_PATCHES: JSON.stringify(patches) } : {},
  })
  if ('afterReady' in milliseconds) await until('the writers wrote', () => running.isOver() || stores.every(({ said }) => readSaid(said).wrote.length > 0))
  await sleep('afterReady' in milliseconds ? milliseconds.afterReady : milliseconds.afterStart)
  if (running.isOver()) throw new Error(`The writer ended by itself: ${running.output().slice(-2_000)}`)
  await running.kill()
}

/** Compares what a store holds with what it has acknowledged. */
function inspect({ path, pageKey, said: file, acknowledged }: Store, outcome: Outcome): void {
  const said = readSaid(file)
  outcome.kills += 1
  outcome.acknowledged += said.wrote.length
  outcome.wrong.push(...said.wrong, ...said.refused)
  for (const id of said.wrote) acknowledged.add(id)
  const { whole, torn, corrupt } = readKept(path, pageKey)
  const lost = [...acknowledged].filter((id) => !whole.has(id))
  for (const id of lost) acknowledged.delete(id)
  outcome.lost.push(...lost)
  outcome.torn.push(...torn)
  outcome.corrupt.push(...corrupt)
}

interface Series { readonly kills: number; readonly writers: number; readonly seed: number; readonly patches: readonly Patch[]; readonly outcome: Outcome }

/** Kills writers of the same files, one process after another; each opens what the one before left, and what it was told must still be there. */
async function killOnFiles({ kills, writers, seed, patches, outcome }: Series): Promise<void> {
  const random = createRandom(seed)
  using scratch = makeScratch()
  const stores = Array.from({ length: writers }, (_, number): Store => ({ path: join(scratch.directory, `${number}.sqlite`), said: join(scratch.directory, `${number}.said`), pageKey: randomBytes(32), acknowledged: new Set() }))
  for (let kill = 0; kill < kills; kill += 1) {
    const moment = random.next() < 0.15 ? { afterStart: random.next() * START_MILLISECONDS } : { afterReady: random.next() * FIRST_WRITES_MILLISECONDS }
    await writeUntilKilled({ stores, name: `k${kill}`, patches }, moment)
    for (const store of stores) inspect(store, outcome)
  }
}

/** Kills `rounds` writers, some in one process where there are many: starting one takes longer than all that it writes. */
export async function killWriter({ rounds, seed, note }: FaultOptions, patches: readonly Patch[] = []): Promise<Outcome> {
  const outcome: Outcome = { kills: 0, acknowledged: 0, lost: [], torn: [], wrong: [], corrupt: [] }
  const writers = rounds < MANY ? 1 : TOGETHER
  const perSeries = KILLS_PER_FILE * writers
  let left = rounds
  let series = 0
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, Math.ceil(rounds / perSeries)) }, async () => {
    while (left > 0) {
      const kills = Math.min(Math.ceil(left / writers), KILLS_PER_FILE)
      left -= kills * writers
      series += 1
      await killOnFiles({ kills, writers, seed: seed + series, patches, outcome })
      note(`${outcome.kills} kills: ${outcome.acknowledged} batches acknowledged, ${outcome.lost.length} lost`)
    }
  }))
  return outcome
}

async function run(options: FaultOptions): Promise<readonly Figure[]> {
  const outcome = await killWriter(options)
  const control = await killWriter({ ...options, rounds: 5 }, answersBeforeCommit)
  for (const line of [...outcome.lost, ...outcome.torn, ...outcome.wrong, ...outcome.corrupt].slice(0, 20)) options.note(line)
  const samples = `${outcome.kills} kills, ${outcome.acknowledged} batches of three rows acknowledged`
  return [
    figureOf({ id: 'R1.writer.lost', value: outcome.lost.length, unit: 'batches', bound: { equals: 0 }, samples }),
    figureOf({ id: 'R1.writer.torn', value: outcome.torn.length, unit: 'batches', bound: { equals: 0 }, samples }),
    figureOf({ id: 'R1.writer.wrong-answers', value: outcome.wrong.length, unit: 'batches', bound: { equals: 0 }, samples }),
    figureOf({ id: 'R1.writer.corrupt', value: outcome.corrupt.length, unit: 'findings', bound: { equals: 0 }, samples }),
    figureOf({ id: 'R1.writer.acknowledged', value: outcome.acknowledged, unit: 'batches', bound: { atLeast: options.rounds }, samples }),
    figureOf({ id: 'R1.writer.control-lost', value: control.lost.length, unit: 'batches', bound: { atLeast: 1 }, samples: `${control.kills} kills of a writer that answers before it commits` }),
  ]
}

export const writer: Fault = { title: 'kill -9 of the store\'s writer', rounds: 100, hindrance: () => null, run }
