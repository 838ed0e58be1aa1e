import { setTimeout as sleep } from 'node:timers/promises'
import { figureOf, type Fault, type FaultOptions, type Figure } from './lib/figure.ts'
import type { Heard } from './lib/heard.ts'
import { askUntilKilled, mustGoOn } from './kill.ts'
import { auditHolds, compare, noDiscrepancies, type Discrepancies } from './lib/ledger.ts'
import { cutHindrance, mountCuttableDisk } from './lib/machine.ts'
import type { Patch } from './lib/patches.ts'
import { closing } from './lib/places.ts'
import { createRandom } from './lib/random.ts'
import { startRig, startVendor } from './lib/rig.ts'
import { inspectStore } from './lib/store.ts'

const LATEST = 200
/** How long the server goes on over a disk that is gone: what it acknowledges then must be there as well. */
const GOES_ON_MILLISECONDS = 200

/** A server that does not wait for its disk. It must be found to lose something. */
export const doesNotSync: readonly Patch[] = [{ file: 'database/sqlite/connect.ts', from: "connection.pragma('synchronous = FULL')", to: "connection.pragma('synchronous = OFF')" }]

export interface Outcome extends Discrepancies {
  readonly corrupt: string[]
  cuts: number
  questions: number
  answers: number
}

/** Cuts the power of the disk below a server `rounds` times under load, and compares after each with what was acknowledged. */
export async function cutUnderLoad({ rounds, seed, note }: FaultOptions, { patches = [], latest = LATEST }: { readonly patches?: readonly Patch[]; readonly latest?: number } = {}): Promise<Outcome> {
  const random = createRandom(seed)
  using disk = mountCuttableDisk()
  await using vendor = closing(await startVendor({ paceMilliseconds: 1 }))
  await using rig = await startRig({ vendors: { vendor }, patches, directory: disk.directory })
  const outcome: Outcome = { ...noDiscrepancies(), corrupt: [], cuts: 0, questions: 0, answers: 0 }
  const all: Heard[] = []
  for (let round = 0; round < rounds; round += 1) {
    const turns = await askUntilKilled(rig, random, { round, latest, before: async () => { disk.cut(); await sleep(GOES_ON_MILLISECONDS) } })
    outcome.cuts += 1
    outcome.questions += turns.filter(({ turnId }) => turnId !== null).length
    outcome.answers += turns.filter(({ end }) => end !== null).length
    disk.mountAgain()
    try {
      outcome.corrupt.push(...await inspectStore(rig.directory))
      await rig.restart()
    } catch (error) {
      // A store that does not open has lost all of it.
      outcome.corrupt.push(`after cut ${round + 1}: ${String(error).slice(0, 300)}`)
      outcome.lost.push(...turns.map(({ turnId }) => `${turnId ?? 'a turn'} with its store`))
      return outcome
    }
    all.push(...turns)
    try { await compare(rig.local(), all, outcome) } catch (error) { outcome.lost.push(`a conversation: ${String(error).slice(0, 200)}`); return outcome }
    if (!await auditHolds(rig.local())) outcome.corrupt.push(`the audit chain after cut ${round + 1}`)
    note(`${round + 1} cuts: ${outcome.questions} questions and ${outcome.answers} answers acknowledged, ${outcome.lost.length} lost, ${outcome.changed.length} changed`)
  }
  await mustGoOn(rig, all, outcome)
  return outcome
}

async function run(options: FaultOptions): Promise<readonly Figure[]> {
  const outcome = await cutUnderLoad(options)
  const control = await cutUnderLoad({ ...options, rounds: 1 }, { patches: doesNotSync })
  for (const line of [...outcome.lost, ...outcome.changed, ...outcome.torn, ...outcome.odd, ...outcome.corrupt].slice(0, 20)) options.note(line)
  const samples = `${outcome.cuts} cuts, ${outcome.questions} questions and ${outcome.answers} answers acknowledged, on ext4`
  return [
    figureOf({ id: 'R2.lost', value: outcome.lost.length, unit: 'messages', bound: { equals: 0 }, samples }),
    figureOf({ id: 'R2.changed', value: outcome.changed.length, unit: 'messages', bound: { equals: 0 }, samples }),
    figureOf({ id: 'R2.torn', value: outcome.torn.length, unit: 'turns', bound: { equals: 0 }, samples }),
    figureOf({ id: 'R2.corrupt', value: outcome.corrupt.length, unit: 'findings', bound: { equals: 0 }, samples: `${outcome.cuts} stores page by page, and audit chains` }),
    figureOf({ id: 'R2.answers-acknowledged', value: outcome.answers, unit: 'answers', bound: { atLeast: options.rounds }, samples }),
    figureOf({ id: 'R2.control-lost', value: control.lost.length, unit: 'messages', bound: { atLeast: 1 }, samples: 'one cut below a server that does not wait for its disk' }),
  ]
}

export const powerCut: Fault = { title: 'the power of the disk is cut under load', rounds: 10, hindrance: cutHindrance, run }
