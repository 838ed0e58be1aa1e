import { setTimeout as sleep } from 'node:timers/promises'
import { figureOf, type Fault, type FaultOptions, type Figure } from './lib/figure.ts'
import { ask, newHeard, resume, stopTurn, type Heard, type Reading } from './lib/heard.ts'
import { compare, noDiscrepancies, type Discrepancies } from './lib/ledger.ts'
import type { Patch } from './lib/patches.ts'
import { closing } from './lib/places.ts'
import { createRandom, type Random } from './lib/random.ts'
import { until } from './lib/process.ts'
import { beginConversations, readMessages, startRig, startVendor, type Rig } from './lib/rig.ts'

const READERS = 8
/** A turn's stream in bytes, roughly: cuts fall anywhere in it, and some behind its end. */
const STREAM_BYTES = 9_000
const MOST_CUTS = 12
/** Every so many rounds the server is stopped, or killed, while readers are away. */
const ROUNDS_PER_RESTART = 40

/** A server that tells the end only to readers who saw fewer events than the store keeps. It must be found to leave readers without an end. */
export const hidesTheEnd: readonly Patch[] = [{ file: 'turn/events.ts', from: 'number > after.number || event.name === \'turn-end\'', to: 'number > after.number' }]

export interface Outcome extends Discrepancies {
  turns: number
  cuts: number
  restarts: number
  kills: number
  /** Turns that a reader could not follow to their `turn-end`. */
  readonly unended: string[]
}

/** Listens from where it was, until the turn ends or the next cut. */
async function listenOn(rig: Rig, heard: Heard, cutAfterBytes: number): Promise<Reading> {
  return resume(heard, { target: rig.local(), cutAfterBytes })
}

/** One turn by a reader whose connection is cut again and again, each time after a number of bytes that nobody chose. */
async function followTorn(rig: Rig, heard: Heard, { random, outcome, model }: { readonly random: Random; readonly outcome: Outcome; readonly model: string }): Promise<void> {
  const cutBytes = () => random.between(1, random.next() < 0.5 ? STREAM_BYTES : STREAM_BYTES / 10)
  let reading = await ask(heard, { target: rig.remote(), model, cutAfterBytes: cutBytes() })
  // The server may be away at this moment; then nobody is stopped.
  if (heard.turnId !== null && random.next() < 0.1) await stopTurn(rig.local(), heard.turnId).catch(() => null)
  for (let cuts = 0; cuts < MOST_CUTS && reading === 'cut' && heard.end === null; cuts += 1) {
    outcome.cuts += 1
    if (heard.turnId === null) return
    await sleep(random.between(0, 60))
    reading = await listenOn(rig, heard, cutBytes())
  }
}

/** Follows a turn to its end without further cuts. */
async function finish(rig: Rig, heard: Heard, { unended }: Outcome): Promise<void> {
  if (heard.turnId === null || heard.end !== null || heard.problem !== null) return
  const reading = await listenOn(rig, heard, Number.POSITIVE_INFINITY)
  if (heard.end === null) unended.push(`${heard.turnId}: ${reading} after ${heard.lastId ?? 'nothing'}`)
}

/** Stops or kills the server while readers are away, and starts it again. */
async function interrupt(rig: Rig, random: Random, outcome: Outcome): Promise<void> {
  if (random.next() < 0.5) {
    await rig.server().kill()
    outcome.kills += 1
  } else await rig.server().stop()
  outcome.restarts += 1
  await rig.restart()
}

/** Cuts the streams of `rounds` turns. */
export async function cutStreams({ rounds, seed, note }: FaultOptions, { roundsPerRestart = ROUNDS_PER_RESTART, patches = [] }: { readonly roundsPerRestart?: number; readonly patches?: readonly Patch[] } = {}): Promise<Outcome> {
  const random = createRandom(seed)
  await using vendor = closing(await startVendor({ paceMilliseconds: 4 }))
  await using rig = await startRig({ vendors: { vendor }, patches })
  const outcome: Outcome = { ...noDiscrepancies(), turns: 0, cuts: 0, restarts: 0, kills: 0, unended: [] }
  let untilRestart = roundsPerRestart
  while (outcome.turns < rounds) {
    const conversations = await beginConversations(rig.local(), Math.min(READERS, rounds - outcome.turns))
    const turns = conversations.map((id, index) => newHeard(id, `What follows the gate? (${outcome.turns + index})`))
    const withRestart = (untilRestart -= turns.length) <= 0
    const readers = turns.map((heard, index) => followTorn(rig, heard, { random, outcome, model: index % 4 === 0 ? 'sallyport/library' : 'vendor/model-a' }))
    if (withRestart) {
      await sleep(random.between(50, 500))
      await interrupt(rig, random, outcome)
      untilRestart = roundsPerRestart
    }
    await Promise.all(readers)
    for (const heard of turns) await finish(rig, heard, outcome)
    outcome.turns += turns.length
    await judge(rig, turns, outcome)
    if (outcome.turns % 104 === 0) note(`${outcome.turns} turns, ${outcome.cuts} cuts, ${outcome.restarts} restarts: ${outcome.changed.length + outcome.lost.length} differ, ${outcome.unended.length} without an end`)
  }
  return outcome
}

/** An answer that was cut off by a kill was never acknowledged, and is kept as interrupted: what was heard of it is not compared. */
async function judge(rig: Rig, turns: readonly Heard[], outcome: Outcome): Promise<void> {
  // A reader that was cut off before it knew the turn's name left it running.
  for (const { conversationId } of turns.filter(({ turnId }) => turnId === null)) {
    await until('a turn without a reader ended', async () => (await readMessages(rig.local(), conversationId)).every(({ status }) => status !== 'running'))
  }
  await compare(rig.local(), turns.map((heard) => (heard.end?.status === 'interrupted' ? { ...heard, end: null } : heard)), outcome)
}

async function run(options: FaultOptions): Promise<readonly Figure[]> {
  const outcome = await cutStreams(options)
  for (const line of [...outcome.changed, ...outcome.lost, ...outcome.unended, ...outcome.odd, ...outcome.torn].slice(0, 20)) options.note(line)
  const samples = `${outcome.turns} turns, ${outcome.cuts} cuts at a random byte, ${outcome.restarts} restarts (${outcome.kills} of them kills)`
  const differing = outcome.changed.length + outcome.lost.length
  return [
    figureOf({ id: 'R6.identical', value: 100 * (1 - differing / Math.max(1, outcome.turns)), unit: '%', bound: { equals: 100 }, samples }),
    figureOf({ id: 'R6.without-end', value: outcome.unended.length, unit: 'turns', bound: { equals: 0 }, samples }),
    figureOf({ id: 'R6.unpromised-events', value: outcome.odd.length, unit: 'events', bound: { equals: 0 }, samples }),
    figureOf({ id: 'R6.torn', value: outcome.torn.length, unit: 'turns', bound: { equals: 0 }, samples }),
    figureOf({ id: 'R6.cuts', value: outcome.cuts, unit: 'cuts', bound: { atLeast: Math.ceil(outcome.turns / 2) }, samples }),
  ]
}

export const resumption: Fault = { title: 'streams cut at a random byte, and resumed', rounds: 200, hindrance: () => null, run }
