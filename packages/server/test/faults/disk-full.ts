import { mkdirSync, rmSync, statfsSync, statSync, truncateSync } from 'node:fs'
import { appendFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { figureOf, type Fault, type FaultOptions, type Figure } from './lib/figure.ts'
import { ask, newHeard, type Heard } from './lib/heard.ts'
import { auditHolds, compare, noDiscrepancies, type Discrepancies } from './lib/ledger.ts'
import { mountHindrance, mountSmallDisk } from './lib/machine.ts'
import type { Patch } from './lib/patches.ts'
import { closing } from './lib/places.ts'
import { beginConversations, startRig, startVendor, type Rig } from './lib/rig.ts'
import { launchServer, startServer } from './lib/server.ts'
import { inspectStore } from './lib/store.ts'
import { call, type Target } from './lib/wire.ts'

/** Room for a new store with its handbook, some 5 MB, and the log that writes to it. */
const DISK_MEBIBYTES = 12
const BACK_SECONDS = 5
/** What a full disk may be answered with. */
const DOCUMENTED = new Set(['storage-full', 'overloaded', 'shutting-down'])
const READERS = 4
const WRITES = 24

/** A server that forgets the endings that it could not write. Its conversations must be found to be stuck. */
export const forgetsEndings: readonly Patch[] = [{ file: 'turn/owed-endings.ts', from: 'owed.push(steps)', to: 'owed.length = 0' }]

export interface Outcome extends Discrepancies {
  fills: number
  reads: number
  readonly failedReads: string[]
  /** Writes that were refused as documented, and those that were answered in any other way than that or success. */
  refusedWrites: number
  readonly undocumented: string[]
  readonly backSeconds: number[]
  readonly corrupt: string[]
}

/** Takes every byte that is left. */
async function fill(directory: string): Promise<string> {
  const path = join(directory, 'filler')
  for (const size of [1_048_576, 65_536, 4_096]) {
    const block = Buffer.alloc(size, 'x')
    try {
      while (statfsSync(directory).bavail > 0) await appendFile(path, block)
    } catch { /* no room for another block of this size */ }
  }
  return path
}

/** One of everything that only reads. */
const reads = (conversationId: string): readonly string[] =>
  ['GET /healthz', 'GET /readyz', 'GET /api/v1/conversations', `GET /api/v1/conversations/${conversationId}`, `GET /api/v1/conversations/${conversationId}/messages`, 'GET /api/v1/documents', 'GET /api/v1/models', 'GET /api/v1/audit', 'POST /api/v1/audit/verify']

async function readAll(target: Target, conversationId: string, outcome: Outcome): Promise<void> {
  for (const line of reads(conversationId)) {
    const { status, body } = await call(target, line)
    outcome.reads += 1
    if (status !== 200) outcome.failedReads.push(`${line}: ${status} ${JSON.stringify(body).slice(0, 200)}`)
  }
}

const codeOf = (body: unknown): string => (typeof body === 'object' && body !== null && 'code' in body ? String(body.code) : '')

/** Writes in several ways until the disk has refused some of each. */
async function writeAgainstFull(rig: Rig, conversations: readonly string[], outcome: Outcome): Promise<readonly Heard[]> {
  const turns: Heard[] = []
  const judge = (what: string, { status, body }: { readonly status: number; readonly body: unknown }) => {
    if (status < 300) return
    if (DOCUMENTED.has(codeOf(body)) && (status === 507 || status === 503)) outcome.refusedWrites += 1
    else outcome.undocumented.push(`${what}: ${status} ${JSON.stringify(body).slice(0, 300)}`)
  }
  for (let number = 0; number < WRITES; number += 1) {
    const heard = newHeard(conversations[number % conversations.length] ?? '', `Is there room? (${outcome.fills}.${number})`)
    turns.push(heard)
    const reading = await ask(heard, { target: rig.remote(), model: 'sallyport/library' })
    if (reading === 'broken') outcome.undocumented.push(`a turn: the connection broke after ${heard.turnId ?? 'nothing'}`)
    if (heard.problem !== null) judge('a turn', { status: heard.problem.status, body: heard.problem })
    if (number % 3 === 0) judge('a conversation', await call(rig.local(), 'POST /api/v1/conversations', { body: {} }))
    if (number % 3 === 1) judge('a document', await call(rig.local(), 'POST /api/v1/documents', { body: { title: 'Notes', text: 'The gate is open. '.repeat(200), mediaType: 'text/plain', collection: 'mine' } }))
    if (number % 3 === 2) judge('a chat', await call(rig.remote(), 'POST /api/v1/chat', { body: { text: 'hello' } }))
  }
  return turns
}

/** How long after there is room every conversation takes a question again, the ones whose answer could not be kept among them. */
async function untilBack(rig: Rig, conversations: readonly string[]): Promise<{ readonly seconds: number; readonly turns: readonly Heard[] }> {
  const began = performance.now()
  const turns: Heard[] = []
  const back = async (conversationId: string) => {
    while (performance.now() - began < (BACK_SECONDS + 1) * 1_000) {
      const heard = newHeard(conversationId, 'Is there room again?')
      turns.push(heard)
      await ask(heard, { target: rig.remote(), model: 'sallyport/library' })
      if (heard.turnId !== null) return (performance.now() - began) / 1_000
      await sleep(50)
    }
    return Number.POSITIVE_INFINITY
  }
  const seconds = Math.max(...await Promise.all(conversations.map(back)))
  return { seconds, turns }
}

/** Fills the disk under a running server `rounds` times, and frees it again. */
export async function fillDisk({ rounds, note }: Pick<FaultOptions, 'rounds' | 'note'>, patches: readonly Patch[] = []): Promise<Outcome> {
  using disk = mountSmallDisk(DISK_MEBIBYTES)
  await using vendor = closing(await startVendor({ paceMilliseconds: 10 }))
  await using rig = await startRig({ directory: disk.directory, vendors: { vendor }, patches })
  const outcome: Outcome = { ...noDiscrepancies(), fills: 0, reads: 0, failedReads: [], refusedWrites: 0, undocumented: [], backSeconds: [], corrupt: [] }
  const { pid } = rig.server()
  const all: Heard[] = []
  for (let round = 0; round < rounds; round += 1) {
    const conversations = await beginConversations(rig.local(), READERS * 2)
    const [running, asked] = [conversations.slice(0, READERS), conversations.slice(READERS)]
    // These were taken while there was room, and end when there is none.
    const turns = running.map((id) => newHeard(id, 'How do I back up?'))
    const readers = Promise.all(turns.map((heard) => ask(heard, { target: rig.remote(), model: 'vendor/model-a' })))
    await sleep(150)
    const filler = await fill(disk.directory)
    outcome.fills += 1
    all.push(...turns, ...await writeAgainstFull(rig, asked, outcome))
    await readers
    for (const { problem } of turns) if (problem !== null && !DOCUMENTED.has(problem.code)) outcome.undocumented.push(`a running turn: ${problem.status} ${problem.code}`)
    await readAll(rig.local(), conversations[0] ?? '', outcome)
    rmSync(filler)
    const { seconds, turns: later } = await untilBack(rig, conversations)
    outcome.backSeconds.push(seconds)
    all.push(...later)
    if (rig.server().isOver() || rig.server().pid !== pid) throw new Error(`The server ended: ${rig.server().output().slice(-2_000)}`)
    note(`filled ${round + 1} times: ${outcome.refusedWrites} writes refused, back after ${seconds.toFixed(2)} s`)
  }
  await compare(rig.local(), all, outcome)
  if (!await auditHolds(rig.local())) outcome.corrupt.push('the audit chain')
  const { status } = await rig.server().stop()
  if (status !== 0) outcome.corrupt.push(`the server ended with ${status ?? 'a signal'}`)
  outcome.corrupt.push(...await inspectStore(rig.directory))
  return outcome
}

/** Lets first starts meet a disk without room, or with room for a part of what they make; with room the next one must find its way. */
export async function startWithoutRoom(): Promise<readonly string[]> {
  const failures: string[] = []
  for (const freeBytes of [0, 4_096, 8_192, 16_384, 131_072]) {
    using disk = mountSmallDisk(DISK_MEBIBYTES)
    for (const place of ['config/sallyport', 'data/sallyport/run']) mkdirSync(join(disk.directory, place), { recursive: true, mode: 0o700 })
    const filler = await fill(disk.directory)
    truncateSync(filler, statSync(filler).size - freeBytes)
    const first = launchServer({ directory: disk.directory })
    const { status } = await first.ended
    if (status === 0) failures.push(`a start with ${freeBytes} bytes free ended well`)
    rmSync(filler)
    try {
      await (await startServer({ directory: disk.directory })).kill()
    } catch (error) {
      failures.push(`after a start with ${freeBytes} bytes free: ${String(error)}`)
    }
  }
  return failures
}

async function run(options: FaultOptions): Promise<readonly Figure[]> {
  const outcome = await fillDisk(options)
  const failedStarts = await startWithoutRoom()
  const wrong = [...outcome.lost, ...outcome.changed, ...outcome.torn, ...outcome.odd]
  for (const line of [...wrong, ...outcome.failedReads, ...outcome.undocumented, ...outcome.corrupt, ...failedStarts].slice(0, 30)) options.note(line)
  const samples = `disk filled ${outcome.fills} times, ${outcome.reads} reads and ${outcome.refusedWrites} refused writes meanwhile`
  return [
    figureOf({ id: 'R4.failed-reads', value: outcome.failedReads.length, unit: 'reads', bound: { equals: 0 }, samples }),
    figureOf({ id: 'R4.undocumented-answers', value: outcome.undocumented.length, unit: 'answers', bound: { equals: 0 }, samples }),
    figureOf({ id: 'R4.refused-writes', value: outcome.refusedWrites, unit: 'writes', bound: { atLeast: outcome.fills }, samples }),
    figureOf({ id: 'R4.back', value: Math.max(...outcome.backSeconds), unit: 's', bound: { atMost: BACK_SECONDS }, samples: `slowest of ${outcome.backSeconds.length}, until every conversation takes a question again, without a restart` }),
    figureOf({ id: 'R4.lost-or-changed', value: wrong.length, unit: 'turns', bound: { equals: 0 }, samples }),
    figureOf({ id: 'R4.corrupt', value: outcome.corrupt.length, unit: 'findings', bound: { equals: 0 }, samples }),
    figureOf({ id: 'R4.first-start', value: failedStarts.length, unit: 'failures', bound: { equals: 0 }, samples: '5 first starts on a disk with 0 to 128 KiB free, each with a second one when there is room' }),
  ]
}

export const diskFull: Fault = { title: 'a disk without room', rounds: 5, hindrance: mountHindrance, run }
