import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { openSqlite } from '../../src/database/sqlite/open.ts'
import { figureOf, type Fault, type FaultOptions, type Figure } from './lib/figure.ts'
import { ask, newHeard, type Heard } from './lib/heard.ts'
import { compare, noDiscrepancies, type Discrepancies } from './lib/ledger.ts'
import { straceHindrance } from './lib/machine.ts'
import { PATCHED_SOURCE, type Patch } from './lib/patches.ts'
import { makeScratch } from './lib/places.ts'
import { start } from './lib/process.ts'
import { createRandom } from './lib/random.ts'
import { beginConversations, dataDirectoryOf, startRig } from './lib/rig.ts'
import { inspectStore } from './lib/store.ts'
import { readKept, readSaid, WRITER_CHILD } from './lib/written.ts'

const BATCHES = 120
const AT_ONCE = 2
/** Calls of one thread that come in a run, measured: making a new store, and writing 120 batches to one that is there. Later places do not come. */
const PLACES = { making: { fsync: 10, pwrite64: 190 }, writing: { fsync: 20, pwrite64: 260 } } as const
type Phase = keyof typeof PLACES
type Call = 'fsync' | 'pwrite64'
type Failure = 'EIO' | 'ENOSPC'

interface Injection {
  readonly phase: Phase
  readonly call: Call
  readonly failure: Failure
  /** The how-manieth call fails. */
  readonly place: number
  /** Whether all calls after it fail too. */
  readonly forGood: boolean
}

/** A writer that takes a failed commit for a good one. It must be found to acknowledge falsely. */
export const ignoresFailures: readonly Patch[] = [{ file: 'database/sqlite/writer.ts', from: '    commit.run()\n', to: '    try { commit.run() } catch { if (connection.inTransaction) rollback.run() }\n' }]

export interface Outcome {
  runs: number
  /** Runs in which the fault was really met. */
  injected: number
  acknowledged: number
  refused: number
  readonly falselyAcknowledged: string[]
  readonly corrupt: string[]
  /** Writers that took nothing any more after a fault that came once. */
  readonly stuck: string[]
}

/** The program that lets calls on these files fail. The tracer runs beside the process, so that the process stays our own child. */
const straceOf = (files: readonly string[], traceFile: string, { call, failure, place, forGood }: Injection): readonly [string, ...string[]] =>
  ['strace', '-D', '-f', '-qq', ...files.flatMap((file) => ['-P', file]), '-e', `trace=${call}`, '-e', `inject=${call}:error=${failure}:when=${place}${forGood ? '+' : ''}`, '-o', traceFile]

const nameOf = ({ phase, call, failure, place, forGood }: Injection) => `${phase}: ${failure} at ${call} ${place}${forGood ? ' and after' : ''}`

/** Lets a writer meet one fault, and compares what it was told with what is there. */
async function meet(injection: Injection, { outcome, patches }: { readonly outcome: Outcome; readonly patches: readonly Patch[] }): Promise<void> {
  using scratch = makeScratch()
  const [path, pageKey, said, trace] = [join(scratch.directory, 'store.sqlite'), randomBytes(32), join(scratch.directory, 'said'), join(scratch.directory, 'trace')]
  // With a store that is there, the first thread has nothing to write, and the fault waits for the writer's.
  if (injection.phase === 'writing') await (await openSqlite({ path, pageKey })).close()
  const [command, ...args] = [...straceOf([path, `${path}-wal`, `${path}-journal`], trace, injection), process.execPath, ...(patches.length > 0 ? ['--import', PATCHED_SOURCE] : []), WRITER_CHILD, 'n', String(BATCHES), path, pageKey.toString('hex'), said]
  const { status } = await start({ command, args, environment: patches.length > 0 ? { SALLYPORT_TEST_PATCHES: JSON.stringify(patches) } : {} }).ended
  outcome.runs += 1
  if (/INJECTED/.test(readFileSync(trace, { encoding: 'utf8', flag: 'a+' }))) outcome.injected += 1
  const { wrote, refused, wrong, ready, ended } = readSaid(said)
  outcome.acknowledged += wrote.length
  outcome.refused += refused.length
  const name = nameOf(injection)
  if (ready && !ended) outcome.stuck.push(`${name}: the process ended with ${status ?? 'a signal'}`)
  if (ready && !injection.forGood && refused.length > BATCHES / 2) outcome.stuck.push(`${name}: ${refused.length} of ${BATCHES} batches were refused`)
  await (await openSqlite({ path, pageKey })).close()
  const { whole, torn, corrupt } = readKept(path, pageKey)
  outcome.falselyAcknowledged.push(...[...wrong, ...wrote.filter((id) => !whole.has(id))].map((id) => `${name}: ${id}`))
  outcome.corrupt.push(...[...corrupt, ...torn].map((finding) => `${name}: ${finding}`))
}

/** So many faults, spread evenly over all places of both calls, alone and for good; every one of them when there are 960 rounds. */
function injectionsOf(rounds: number): readonly Injection[] {
  const all = (['making', 'writing'] as const).flatMap((phase) => (['fsync', 'pwrite64'] as const).flatMap((call) => Array.from({ length: PLACES[phase][call] }, (_, index) => index + 1).flatMap((place) =>
    [false, true].map((forGood): Injection => ({ phase, call, place, forGood, failure: call === 'pwrite64' && place % 3 === 0 ? 'ENOSPC' : 'EIO' })))))
  const step = Math.max(1, all.length / rounds)
  return Array.from({ length: Math.min(rounds, all.length) }, (_, index) => all[Math.floor(index * step)]).filter((injection) => injection !== undefined)
}

/** Lets the n-th call of the writer fail, for so many n. */
export async function failWriter({ rounds, note }: Pick<FaultOptions, 'rounds' | 'note'>, patches: readonly Patch[] = []): Promise<Outcome> {
  const outcome: Outcome = { runs: 0, injected: 0, acknowledged: 0, refused: 0, falselyAcknowledged: [], corrupt: [], stuck: [] }
  const waiting = [...injectionsOf(rounds)]
  await Promise.all(Array.from({ length: AT_ONCE }, async () => {
    for (let injection = waiting.shift(); injection !== undefined; injection = waiting.shift()) {
      await meet(injection, { outcome, patches })
      if (outcome.runs % 50 === 0) note(`${outcome.runs} faults: ${outcome.acknowledged} batches acknowledged, ${outcome.refused} refused, ${outcome.falselyAcknowledged.length} falsely acknowledged`)
    }
  }))
  return outcome
}

export interface ServerOutcome extends Discrepancies { acknowledged: number; failed: number; readonly corrupt: string[] }

/** Lets every few syncs of a whole server fail while it answers, ends it, and compares after a start on a sound disk. */
export async function failServer({ seed }: Pick<FaultOptions, 'seed'>): Promise<ServerOutcome> {
  const random = createRandom(seed)
  await using rig = await startRig()
  const outcome: ServerOutcome = { ...noDiscrepancies(), acknowledged: 0, failed: 0, corrupt: [] }
  const conversations = await beginConversations(rig.local(), 4)
  await rig.server().stop()
  const store = join(dataDirectoryOf(rig.directory), 'sallyport.sqlite')
  const every = random.between(4, 9)
  const under = ['strace', '-D', '-f', '-qq', '-P', store, '-P', `${store}-wal`, '-e', 'trace=fsync', '-e', `inject=fsync:error=EIO:when=20+${every}`, '-o', '/dev/null']
  await rig.restart({ under })
  const turns: Heard[] = []
  await Promise.all(conversations.map(async (id) => {
    for (let number = 0; number < 12; number += 1) {
      const heard = newHeard(id, `How do I back up? (${number})`)
      turns.push(heard)
      await ask(heard, { target: rig.remote(), model: 'sallyport/library' })
    }
  }))
  outcome.acknowledged = turns.filter(({ end }) => end !== null).length
  outcome.failed = turns.filter(({ problem }) => problem !== null).length
  await rig.server().kill()
  outcome.corrupt.push(...await inspectStore(rig.directory))
  await rig.restart({ under: [] })
  await compare(rig.local(), turns, outcome)
  return outcome
}

async function run(options: FaultOptions): Promise<readonly Figure[]> {
  const outcome = await failWriter(options)
  const server = await failServer(options)
  const served = [...server.lost, ...server.changed, ...server.torn, ...server.odd, ...server.corrupt]
  for (const line of [...outcome.falselyAcknowledged, ...outcome.corrupt, ...outcome.stuck, ...served].slice(0, 30)) options.note(line)
  const samples = `${outcome.runs} runs, ${outcome.injected} of them with a failed fsync or pwrite64, ${outcome.acknowledged} batches acknowledged, ${outcome.refused} refused`
  return [
    figureOf({ id: 'R3.falsely-acknowledged', value: outcome.falselyAcknowledged.length, unit: 'batches', bound: { equals: 0 }, samples }),
    figureOf({ id: 'R3.corrupt', value: outcome.corrupt.length, unit: 'findings', bound: { equals: 0 }, samples }),
    figureOf({ id: 'R3.stuck', value: outcome.stuck.length, unit: 'writers', bound: { equals: 0 }, samples }),
    figureOf({ id: 'R3.injected', value: outcome.injected, unit: 'runs', bound: { atLeast: Math.floor(outcome.runs * 0.8) }, samples }),
    figureOf({ id: 'R3.server', value: served.length, unit: 'findings', bound: { equals: 0 }, samples: `a server whose syncs fail now and then: ${server.acknowledged} answers acknowledged, ${server.failed} refused` }),
  ]
}

export const ioError: Fault = { title: 'the n-th write or sync fails', rounds: 60, hindrance: straceHindrance, run }
