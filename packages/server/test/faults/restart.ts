import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { figureOf, type Fault, type FaultOptions, type Figure } from './lib/figure.ts'
import { ask, newHeard, resume, type Heard } from './lib/heard.ts'
import { auditHolds, compare, noDiscrepancies, type Discrepancies } from './lib/ledger.ts'
import type { Patch } from './lib/patches.ts'
import { closing } from './lib/places.ts'
import { until } from './lib/process.ts'
import { createRandom, type Random } from './lib/random.ts'
import { beginConversations, startRig, startVendor, type Rig } from './lib/rig.ts'
import { inspectStore } from './lib/store.ts'

/** How long the server lets running turns go on after it was asked to stop; `compose` says so. */
const DRAIN_SECONDS = 10
/** What closing may take on top of it. */
const CLOSING_SECONDS = 3
const READERS = 6
const LONG = { text: Array.from({ length: 4_000 }, (_, index) => `word ${index} `) }

/** The same server with a shorter drain, where ten seconds are too long for a test. */
const shortDrain = (seconds: number): readonly Patch[] =>
  [{ file: 'compose/index.ts', from: 'const DRAIN_MILLISECONDS = 10_000', to: `const DRAIN_MILLISECONDS = ${seconds * 1_000}` }]

/** A server that waits for its clients to let go of their connections. It must be found not to stop in time. */
export const waitsForClients: readonly Patch[] = [{ file: 'compose/index.ts', from: 'await listeners.letGo(apps, closing)', to: 'await closing' }]

export interface Outcome extends Discrepancies {
  restarts: number
  turns: number
  stopped: number
  /** Streams that ended without `turn-end` although their reader stayed. */
  readonly brokenStreams: string[]
  /** Answers that are neither 503 nor what was asked for. */
  readonly failed: string[]
  readonly badExits: string[]
  readonly corrupt: string[]
  readonly exitSeconds: number[]
}

/** Clients that hold a connection without doing their part. Stopping must not wait for them. */
interface Hindrance { readonly name: string; readonly hold: (rig: Rig, conversationId: string) => Promise<Socket> }
const openSocket = async (rig: Rig, text: string): Promise<Socket> => {
  const target = rig.remote()
  const socket = connect(target.port, '127.0.0.1')
  socket.on('error', () => { /* the server may end it in any way */ })
  socket.write(text.replaceAll('\n', '\r\n').replace('KEY', target.key).replace('HOST', `127.0.0.1:${target.port}`))
  await sleep(100)
  return socket
}
const hindrances: readonly Hindrance[] = [
  { name: 'an idle connection', hold: (rig) => openSocket(rig, '') },
  { name: 'half of a request\'s headers', hold: (rig) => openSocket(rig, 'GET /healthz HTTP/1.1\nHost: HOST\n') },
  { name: 'half of a body', hold: (rig, id) => openSocket(rig, `POST /api/v1/conversations/${id}/turns HTTP/1.1\nHost: HOST\nAuthorization: Bearer KEY\nContent-Type: application/json\nContent-Length: 100\n\n{"text":`) },
  {
    name: 'a reader that does not read',
    async hold(rig, id) {
      const socket = await openSocket(rig, `POST /api/v1/conversations/${id}/turns HTTP/1.1\nHost: HOST\nAuthorization: Bearer KEY\nAccept: text/event-stream\nContent-Type: application/json\nContent-Length: ${String('{"text":"flood","model":"flood/model-a"}'.length)}\n\n{"text":"flood","model":"flood/model-a"}`)
      socket.pause()
      return socket
    },
  },
]

export interface RestartOptions extends FaultOptions {
  readonly drainSeconds?: number
  /** What closing may take on top of the drain. */
  readonly closingSeconds?: number
  /** Whether clients that hold connections are there too. */
  readonly hindered: boolean
  readonly patches?: readonly Patch[]
}

/** Stops the server `rounds` times while turns run, and starts it again. */
export async function stopUnderLoad({ rounds, seed, note, drainSeconds = DRAIN_SECONDS, closingSeconds = CLOSING_SECONDS, hindered, patches = [] }: RestartOptions): Promise<Outcome> {
  const random = createRandom(seed)
  await using quick = closing(await startVendor({ paceMilliseconds: 3 }))
  await using slow = closing(await startVendor({ paceMilliseconds: 20, script: LONG }))
  await using flood = closing(await startVendor({ script: { text: Array.from({ length: 100_000 }, () => 'flood ') } }))
  await using rig = await startRig({ vendors: { quick, slow, flood }, patches: [...drainSeconds === DRAIN_SECONDS ? [] : shortDrain(drainSeconds), ...patches], flags: { 'library.wordMilliseconds': '5' } })
  const outcome: Outcome = { ...noDiscrepancies(), restarts: 0, turns: 0, stopped: 0, brokenStreams: [], failed: [], badExits: [], corrupt: [], exitSeconds: [] }
  for (let round = 0; round < rounds; round += 1) {
    const conversations = await beginConversations(rig.local(), READERS + hindrances.length)
    const hinderers = hindered ? await Promise.all(hindrances.map(({ hold }, index) => hold(rig, conversations[READERS + index] ?? ''))) : []
    const turns = await stopOnce(rig, conversations.slice(0, READERS), { random, round, outcome, limitSeconds: drainSeconds + closingSeconds })
    for (const socket of hinderers) socket.destroy()
    await rig.restart()
    outcome.restarts += 1
    for (const heard of turns) await readOn(rig, heard, outcome)
    await compare(rig.local(), turns, outcome)
    if (!await auditHolds(rig.local())) outcome.corrupt.push('the audit chain')
    if ((round + 1) % 10 === 0) note(`${round + 1} restarts, ${outcome.turns} turns: ${outcome.stopped} stopped, ${outcome.brokenStreams.length} streams broken`)
  }
  await rig.server().stop()
  outcome.corrupt.push(...await inspectStore(rig.directory))
  return outcome
}

interface Round { readonly random: Random; readonly round: number; readonly outcome: Outcome; readonly limitSeconds: number }

/** Readers ask again and again until they are told that the server stops; somewhere in between it is asked to. */
async function stopOnce(rig: Rig, conversations: readonly string[], { random, round, outcome, limitSeconds }: Round): Promise<readonly Heard[]> {
  const turns: Heard[] = []
  let isStopping = false
  const reader = async (conversationId: string, index: number) => {
    // A conversation without a pause, one whose answers are longer than the drain, and one whose reader is cut off.
    const model = index === 0 ? 'slow/model-a' : index === 1 ? 'sallyport/library' : 'quick/model-a'
    for (let asked = 0; !isStopping; asked += 1) {
      const heard = newHeard(conversationId, `How do I make an API key? (${round}.${index}.${asked})`)
      turns.push(heard)
      const cut = index === 2 ? { cutAfterBytes: random.between(500, 4_000) } : {}
      const reading = await ask(heard, { target: rig.remote(), model, ...cut })
      if (reading === 'cut') return
      if (reading === 'refused' && heard.problem?.status !== 503) outcome.failed.push(`${heard.problem?.code ?? ''} (${heard.problem?.detail ?? ''})`)
      if (reading === 'broken' && heard.turnId !== null) outcome.brokenStreams.push(`${heard.turnId} after ${heard.text.length} characters`)
      if (reading === 'ended' && heard.end === null) outcome.brokenStreams.push(`${heard.turnId ?? 'a turn'} ended with ${heard.problem?.code ?? 'nothing'}`)
      if (reading !== 'ended') return
    }
  }
  const readers = Promise.all(conversations.map(reader))
  await until('every reader was being answered', () => new Set(turns.filter(({ turnId }) => turnId !== null).map(({ conversationId }) => conversationId)).size === conversations.length)
  await sleep(random.between(0, 1_500))
  isStopping = true
  const stopping = rig.server().stop()
  const late = await Promise.race([stopping.then(() => false), sleep(limitSeconds * 1_000, true, { ref: false })])
  if (late) {
    outcome.badExits.push(`still there ${limitSeconds} s after it was asked to stop`)
    await rig.server().kill()
  }
  const { status, signal, seconds } = await stopping
  outcome.exitSeconds.push(seconds)
  if (!late && status !== 0) outcome.badExits.push(`ended with ${status ?? signal ?? 'nothing'}: ${rig.server().output().slice(-500)}`)
  await readers
  outcome.turns += turns.filter(({ turnId }) => turnId !== null).length
  outcome.stopped += turns.filter(({ end }) => end?.status === 'stopped').length
  return turns
}

/** Whoever was cut off reads on after the restart. */
async function readOn(rig: Rig, heard: Heard, { brokenStreams }: Outcome): Promise<void> {
  if (heard.turnId === null || heard.end !== null || heard.problem !== null) return
  await until('the turn was read to its end', async () => await resume(heard, { target: rig.local() }) === 'ended', 10)
  const last = heard.end as Heard['end']
  if (last === null) brokenStreams.push(`${heard.turnId}: no end after the restart`)
}

async function run(options: FaultOptions): Promise<readonly Figure[]> {
  const plain = await stopUnderLoad({ ...options, hindered: false, ...(options.rounds > 3 && { drainSeconds: 2 }) })
  const hindered = await stopUnderLoad({ ...options, rounds: Math.max(1, Math.floor(options.rounds / 10)), hindered: true })
  const both = (pick: (outcome: Outcome) => readonly string[]) => [...pick(plain), ...pick(hindered)]
  const wrong = both((outcome) => [...outcome.lost, ...outcome.changed, ...outcome.torn, ...outcome.odd])
  for (const line of [...wrong, ...both((outcome) => [...outcome.brokenStreams, ...outcome.failed, ...outcome.badExits, ...outcome.corrupt])].slice(0, 30)) options.note(line)
  const samples = `${plain.restarts} restarts under load (drain of 2 s where there are more than 3) and ${hindered.restarts} with clients that hold connections (drain of ${DRAIN_SECONDS} s), ${plain.turns + hindered.turns} turns, ${plain.stopped + hindered.stopped} of them stopped`
  return [
    figureOf({ id: 'R5.lost-or-changed', value: wrong.length, unit: 'turns', bound: { equals: 0 }, samples }),
    figureOf({ id: 'R5.failed-requests', value: both(({ failed }) => failed).length, unit: 'answers', bound: { equals: 0 }, samples }),
    figureOf({ id: 'R5.broken-streams', value: both(({ brokenStreams }) => brokenStreams).length, unit: 'streams', bound: { equals: 0 }, samples }),
    figureOf({ id: 'R5.exits-other-than-0-in-time', value: both(({ badExits }) => badExits).length, unit: 'exits', bound: { equals: 0 }, samples }),
    figureOf({ id: 'R5.corrupt', value: both(({ corrupt }) => corrupt).length, unit: 'findings', bound: { equals: 0 }, samples }),
    figureOf({ id: 'R5.exit-seconds', value: Math.max(...hindered.exitSeconds), unit: 's', bound: { atMost: DRAIN_SECONDS + CLOSING_SECONDS }, samples: 'slowest, with an answer that is longer than the drain and clients that hold connections' }),
  ]
}

export const restart: Fault = { title: 'stopped and started again under load', rounds: 20, hindrance: () => null, run }
