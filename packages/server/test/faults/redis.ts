import { setTimeout as wait } from 'node:timers/promises'
import { findRedis, startRedis, type OwnRedis } from '../../src/testing/redis.ts'
import { figureOf, type Fault, type FaultOptions, type Figure } from './lib/figure.ts'
import type { Patch } from './lib/patches.ts'
import { startRig, type Rig } from './lib/rig.ts'
import { open, textOf, type Remote } from './lib/wire.ts'

/** Requests that one address may make in a minute, at both servers together. */
const LIMIT = 240
const WINDOW_MILLISECONDS = 60_000
/** The servers note a request a little before its answer is seen here: two may look closer together than they were counted. */
const WIRE_MILLISECONDS = 250
const POLITE = 20
const POLITE_PAUSE_MILLISECONDS = 1_000
const GREEDY_PAUSE_MILLISECONDS = 25

/** What happens to the Redis, and for how many seconds it stays so. */
type Phase = { readonly name: string; readonly seconds: number; readonly begin: (redis: OwnRedis) => Promise<void> | void }
const nothing = () => { /* it goes on */ }
export const phasesOf = (scale: number): readonly Phase[] => [
  { name: 'there', seconds: 20 * scale, begin: nothing },
  { name: 'killed', seconds: 30 * scale, begin: (redis) => redis.kill() },
  { name: 'back, empty', seconds: 30 * scale, begin: (redis) => redis.start() },
  { name: 'frozen', seconds: 15 * scale, begin: (redis) => { redis.freeze() } },
  { name: 'thawed', seconds: 65 * scale, begin: (redis) => { redis.thaw() } },
]

/** Servers that lean on Redis alone: without it every request fails. They must be found out. */
export const uninsured: readonly Patch[] = [{ file: 'adapters/rate-limiter/insured/index.ts', from: 'if (verdict === null) return asWritten(own.take(tighter(rules)), rules)', to: 'if (verdict === null) throw new Error(\'Redis is gone.\')' }]
/** Servers that begin to count anew, each for itself, when Redis is gone. They must be found out. */
export const forgetful: readonly Patch[] = [{ file: 'adapters/rate-limiter/insured/index.ts', from: 'count: Math.max(0, Math.floor((rule.count - known.usedOf(rule)) * share))', to: 'count: rule.count + share - share' }]

export interface Found {
  polite: number
  /** Answers to those who stay far below their limits that were none. */
  readonly failures: string[]
  slowestMilliseconds: number
  /** When each request of the greedy one was let in. */
  readonly letIn: number[]
  refused: number
}

/** One request of an address. Gives its status, or what broke. */
async function ask(target: Remote, address: string): Promise<number | string> {
  try {
    const response = await open(target, 'GET /api/v1/models', { headers: { 'x-forwarded-for': address } })
    const text = await textOf(response)
    return response.statusCode === 200 || response.statusCode === 429 ? response.statusCode : `${response.statusCode ?? 0} ${text.slice(0, 200)}`
  } catch (error) { return String(error) }
}

/** Lets twenty polite callers and a greedy one ask two servers that count in one Redis, while it is killed, started anew, stopped and let go. */
export async function loseRedis({ note }: Pick<FaultOptions, 'note'>, { scale = 1, patches = [] }: { readonly scale?: number; readonly patches?: readonly Patch[] } = {}): Promise<Found> {
  await using redis = await startRedis()
  const flags = { 'redis.url': redis.url, 'http.proxies': '127.0.0.1', 'limits.requestsPerMinute': String(LIMIT), 'limits.rates': '{"read":100000}' }
  await using one = await startRig({ flags, patches })
  await using other = await startRig({ flags, patches })
  const rigs: readonly Rig[] = [one, other]
  const found: Found = { polite: 0, failures: [], slowestMilliseconds: 0, letIn: [], refused: 0 }
  const stop = new AbortController()
  const callers = [
    ...Array.from({ length: POLITE }, async (_, index) => {
      const rig = rigs[index % rigs.length] ?? one
      while (!stop.signal.aborted) {
        const began = performance.now()
        const status = await ask(rig.remote(), `198.51.100.${index + 1}`)
        found.polite += 1
        found.slowestMilliseconds = Math.max(found.slowestMilliseconds, performance.now() - began)
        if (status !== 200) found.failures.push(String(status))
        await wait(POLITE_PAUSE_MILLISECONDS)
      }
    }),
    ...rigs.map(async (rig) => {
      while (!stop.signal.aborted) {
        const status = await ask(rig.remote(), '203.0.113.9')
        if (status === 200) found.letIn.push(performance.now())
        else if (status === 429) found.refused += 1
        else found.failures.push(`greedy: ${status}`)
        await wait(GREEDY_PAUSE_MILLISECONDS)
      }
    }),
  ]
  for (const { name, seconds, begin } of phasesOf(scale)) {
    await begin(redis)
    const before = { polite: found.polite, failed: found.failures.length, letIn: found.letIn.length, refused: found.refused }
    await wait(seconds * 1_000)
    note(`${name.padEnd(12)} ${String(seconds).padStart(4)} s: ${found.polite - before.polite} polite, ${found.failures.length - before.failed} failed; greedy ${found.letIn.length - before.letIn} let in, ${found.refused - before.refused} refused`)
  }
  stop.abort()
  await Promise.all(callers)
  return found
}

/** The most that were let in within any window of a limit. */
export function mostInAWindow(letIn: readonly number[]): number {
  const times = letIn.toSorted((one, other) => one - other)
  let from = 0
  let most = 0
  for (const [index, time] of times.entries()) {
    while (time - (times[from] ?? time) > WINDOW_MILLISECONDS - WIRE_MILLISECONDS) from += 1
    most = Math.max(most, index - from + 1)
  }
  return most
}

async function run(options: FaultOptions): Promise<readonly Figure[]> {
  const rounds: Found[] = []
  for (let round = 0; round < options.rounds; round += 1) rounds.push(await loseRedis(options))
  const all = rounds.flatMap(({ failures }) => failures)
  for (const failure of new Set(all)) options.note(failure)
  const samples = `${rounds.reduce((sum, { polite }) => sum + polite, 0)} requests of ${POLITE} callers at two servers, Redis killed, started empty, stopped and let go`
  const most = Math.max(...rounds.map(({ letIn }) => mostInAWindow(letIn)))
  return [
    figureOf({ id: 'redis.failed', value: all.length, unit: 'requests failed', bound: { equals: 0 }, samples }),
    figureOf({ id: 'redis.most-in-a-minute', value: most, unit: 'requests of one address let in by both', bound: { atMost: LIMIT }, samples: `${rounds.reduce((sum, { letIn }) => sum + letIn.length, 0)} let in, ${rounds.reduce((sum, { refused }) => sum + refused, 0)} refused` }),
    // Whoever never comes near a limit shows nothing of it.
    figureOf({ id: 'redis.limit-reached', value: most / LIMIT, unit: 'of the limit', bound: { atLeast: 0.9 }, samples: 'the same' }),
    figureOf({ id: 'redis.slowest', value: Math.max(...rounds.map(({ slowestMilliseconds }) => slowestMilliseconds)), unit: 'ms for a request of the polite', bound: null, samples }),
  ]
}

export const redisLost: Fault = {
  title: 'Redis killed and restored under load', rounds: 1, run,
  hindrance: () => { const redis = findRedis(); return 'reason' in redis ? redis.reason : null },
}
