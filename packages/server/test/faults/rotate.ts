import { setTimeout as sleep } from 'node:timers/promises'
import { DataKeyRotation } from '@sallyport/contract'
import { figureOf, type Fault, type FaultOptions, type Figure } from './lib/figure.ts'
import { ask, newHeard, type Heard } from './lib/heard.ts'
import { auditHolds, compare, noDiscrepancies, type Discrepancies } from './lib/ledger.ts'
import type { Patch } from './lib/patches.ts'
import { closing } from './lib/places.ts'
import { until } from './lib/process.ts'
import { createRandom, type Random } from './lib/random.ts'
import { beginConversations, startRig, startVendor, type Rig } from './lib/rig.ts'
import { inspectStore } from './lib/store.ts'
import { call, must } from './lib/wire.ts'

const READERS = 8
const DOCUMENTS = 12
/** Long enough that a rotation takes a while. */
const DOCUMENT_PARAGRAPHS = 400
const ROTATION_SECONDS = 120

/** A server whose derived keys follow the newest data key. Nobody's address must be found any more once a rotation is over. */
export const derivesFromTheNewest: readonly Patch[] = [{ file: 'kernel/seal.ts', from: 'kept === undefined ? rootKeyOf(ownerId, first) : createSecretKey(kept)', to: 'rootKeyOf(ownerId, keys.get(version) ?? first)' }]

interface Outcome extends Discrepancies {
  readonly corrupt: string[]
  readonly failed: string[]
  /** Kills that fell while values were sealed anew. */
  killsWithin: number
  /** Kills and returns so far. */
  outages: number
  turns: number
  values: number
  broken: number
  signsIn: boolean
}

const look = async (rig: Rig): Promise<DataKeyRotation> => DataKeyRotation.parse(await must(rig.local(), 'GET /api/v1/data-keys/rotation'))
const begin = (rig: Rig) => must(rig.local(), 'POST /api/v1/data-keys/rotation', {})

/** Asks in several conversations until it is told to end. A turn that a kill cut off has not failed; every other one must come to its end. */
function load(rig: Rig, conversations: readonly string[], outcome: Outcome) {
  const state = { isOver: false }
  const turns: Heard[] = []
  const reader = async (conversationId: string) => {
    while (!state.isOver) {
      const heard = newHeard(conversationId, `What follows the gate? (${turns.length})`)
      turns.push(heard)
      const before = outcome.outages
      const reading = await ask(heard, { target: rig.remote(), model: 'vendor/model-a' })
      // An odd number of outages and returns: the server is away.
      if (reading === 'broken' && (outcome.outages !== before || before % 2 === 1)) { await sleep(50); continue }
      if (heard.end?.status !== 'complete') outcome.failed.push(`${reading} ${heard.problem?.code ?? ''} ${heard.end?.status ?? ''}`)
    }
  }
  const readers = conversations.map(reader)
  return { turns, async end() { state.isOver = true; await Promise.all(readers) } }
}

/** Waits until so many values are sealed anew, and ends the server. */
async function killWithin(rig: Rig, random: Random, outcome: Outcome): Promise<void> {
  const before = await look(rig)
  const from = before.last?.endedAt === null ? before.last.valuesDone : 0
  if (before.last?.endedAt !== null) await begin(rig)
  const wanted = from + random.between(1, 800)
  let state = await look(rig)
  while (state.last?.endedAt === null && state.last.valuesDone < wanted) state = await look(rig)
  if (state.last?.endedAt === null) outcome.killsWithin += 1
  outcome.outages += 1
  await rig.server().kill()
  await rig.restart()
  outcome.outages += 1
}

const paragraph = (document: number, index: number) => `## Gate ${document}.${index}\n\nThe gate number ${index} of house ${document} opens outwards, and the key of it hangs beside the lamp of corridor ${index * 7}.\n\n`

/** Rotates every data key under load, and kills the server `rounds` times while it is at it. */
export async function rotateUnderLoad({ rounds, seed, note }: FaultOptions, { patches = [] }: { readonly patches?: readonly Patch[] } = {}): Promise<Outcome> {
  const random = createRandom(seed)
  await using vendor = closing(await startVendor({ paceMilliseconds: 2 }))
  await using rig = await startRig({ vendors: { vendor }, patches })
  const outcome: Outcome = { ...noDiscrepancies(), corrupt: [], failed: [], killsWithin: 0, outages: 0, turns: 0, values: 0, broken: 0, signsIn: false }
  for (let document = 0; document < DOCUMENTS; document += 1) {
    const text = Array.from({ length: DOCUMENT_PARAGRAPHS }, (_, index) => paragraph(document, index)).join('')
    await must(rig.local(), 'POST /api/v1/documents', { title: `House ${document}`, text, mediaType: 'text/markdown', collection: 'mine' })
  }
  const running = load(rig, await beginConversations(rig.local(), READERS), outcome)
  for (let round = 0; round < rounds; round += 1) {
    await killWithin(rig, random, outcome)
    note(`${round + 1} kills, ${outcome.killsWithin} of them while values were sealed anew; ${running.turns.length} turns, ${outcome.failed.length} failed`)
  }
  if ((await look(rig)).last?.endedAt !== null) await begin(rig)
  await until('the rotation was over', async () => (await look(rig)).last?.endedAt !== null, ROTATION_SECONDS)
  await running.end()
  const { last } = await look(rig)
  outcome.turns = running.turns.length
  outcome.values = last?.valuesDone ?? 0
  outcome.broken = last?.valuesBroken ?? 0
  // A server that has nothing in memory opens what another one sealed.
  await rig.server().stop()
  outcome.corrupt.push(...await inspectStore(rig.directory))
  await rig.restart()
  await compare(rig.local(), running.turns, outcome)
  if (!await auditHolds(rig.local())) outcome.corrupt.push('the audit chain')
  outcome.signsIn = (await call({ socketPath: rig.server().socketPath }, 'POST /api/v1/session', { body: { email: 'owner@example.org', password: 'correct horse battery staple 7' } })).status < 300
  return outcome
}

async function run(options: FaultOptions): Promise<readonly Figure[]> {
  const outcome = await rotateUnderLoad(options)
  const control = await rotateUnderLoad({ ...options, rounds: 1 }, { patches: derivesFromTheNewest })
  for (const line of [...outcome.failed, ...outcome.lost, ...outcome.changed, ...outcome.odd, ...outcome.torn, ...outcome.corrupt].slice(0, 20)) options.note(line)
  const samples = `${outcome.turns} turns while all data keys were rotated, ${options.rounds} kills`
  return [
    figureOf({ id: 'rotate.failed-turns', value: outcome.failed.length, unit: 'turns', bound: { equals: 0 }, samples }),
    figureOf({ id: 'rotate.kills-within', value: outcome.killsWithin, unit: 'kills', bound: { equals: options.rounds }, samples: 'kills while values were sealed anew' }),
    figureOf({ id: 'rotate.lost', value: outcome.lost.length + outcome.changed.length + outcome.torn.length + outcome.odd.length, unit: 'findings', bound: { equals: 0 }, samples }),
    figureOf({ id: 'rotate.corrupt', value: outcome.corrupt.length + outcome.broken, unit: 'findings', bound: { equals: 0 }, samples: `${outcome.values} values of the last rotation, the store page by page, the audit chain` }),
    figureOf({ id: 'rotate.signs-in', value: outcome.signsIn ? 1 : 0, unit: 'of 1', bound: { equals: 1 }, samples: 'the owner, by address and password, afterwards' }),
    figureOf({ id: 'rotate.control-signs-in', value: control.signsIn ? 1 : 0, unit: 'of 1', bound: { equals: 0 }, samples: 'a server whose derived keys follow the newest data key' }),
  ]
}

export const rotate: Fault = { title: 'kill -9 while data keys are rotated under load', rounds: 3, hindrance: () => null, run }
