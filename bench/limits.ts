/** Limits: what one request pays for being counted, in memory, in the embedded store and in a Redis on loopback, and for its budgets. */
import { once } from 'node:events'
import { createMemoryLimiter } from '../packages/server/src/adapters/rate-limiter/index.ts'
import { createRedisLimiter } from '../packages/server/src/adapters/rate-limiter/redis/index.ts'
import { createBudgets } from '../packages/server/src/domains/budgets/index.ts'
import { createKeptLimiter } from '../packages/server/src/domains/limits/index.ts'
import { systemClock } from '../packages/server/src/kernel/clock.ts'
import type { RateRule } from '../packages/server/src/kernel/rates.ts'
import type { RateLimiter } from '../packages/server/src/ports/rate-limiter.ts'
import { callerLike } from '../packages/server/src/testing/caller.ts'
import { startRedis } from '../packages/server/src/testing/redis.ts'
import { testSubjects } from '../packages/server/src/testing/sealer.ts'
import { openTestStore } from '../packages/server/src/testing/server-database.ts'
import type { Bench, BenchOptions } from './lib/bench.ts'
import { figureOf, median, type Figure } from './lib/figure.ts'

const ROUNDS = 15
const PER_ROUND = 400
/** Requests that are under way at once, as on a server at work. */
const CLIENTS = 16
const KEYS = 500
/** Turns that reserve at once: their reservations share a sync of the disk, as on a server at work. */
const TURNS = 32
/** The slowed build counts every request in so many limits. */
const SLOW_RULES = 150

const rulesFor = (key: number, { negativeControl }: BenchOptions): readonly RateRule[] =>
  Array.from({ length: negativeControl ? SLOW_RULES : 2 }, (_, index) => ({ name: `bench-${index}`, key: `key-${key % KEYS}`, count: 1_000_000, windowSeconds: index % 2 === 0 ? 60 : 3_600 }))

interface Measured { readonly limiter: RateLimiter; /** Waits until what was counted is where it stays. */ readonly settle: () => Promise<void> }
const atOnce = () => Promise.resolve()

/** Microseconds per request, until all of them are counted for good: the time of a round over its requests, and alone, one after the other. */
async function measure({ limiter, settle }: Measured, options: BenchOptions): Promise<{ readonly together: number; readonly alone: number }> {
  const together: number[] = []
  const alone: number[] = []
  const perRound = options.negativeControl ? CLIENTS * 10 : PER_ROUND
  for (let round = 0; round < (options.negativeControl ? 3 : ROUNDS + 1); round += 1) {
    let next = 0
    const from = process.hrtime.bigint()
    await Promise.all(Array.from({ length: CLIENTS }, async () => { while (next < perRound) { next += 1; await limiter.take(rulesFor(next, options)) } }))
    await settle()
    // The first round fills tables and compiles.
    if (round > 0) together.push(Number(process.hrtime.bigint() - from) / 1_000 / perRound)
    const single = process.hrtime.bigint()
    for (let request = 0; request < perRound / 10; request += 1) await limiter.take(rulesFor(request, options))
    await settle()
    if (round > 0) alone.push(Number(process.hrtime.bigint() - single) / 1_000 / (perRound / 10))
  }
  return { together: median(together), alone: median(alone) }
}

async function run(options: BenchOptions): Promise<readonly Figure[]> {
  const figures: Figure[] = []
  const judge = async (name: string, measured: Measured, most: number) => {
    options.note(name)
    const { together, alone } = await measure(measured, options)
    figures.push(figureOf({ id: `limits.${name}`, value: together, unit: 'µs', bound: { atMost: most }, samples: `median of ${ROUNDS} rounds of ${PER_ROUND} requests, two limits each, ${CLIENTS} at once`, baseline: { 'one after the other': alone } }))
  }
  await judge('memory', { limiter: createMemoryLimiter(systemClock), settle: atOnce }, 20)
  {
    await using store = await openTestStore('sqlite')
    const limiter = createKeptLimiter({ database: store.database, subjects: testSubjects, clock: systemClock, local: createMemoryLimiter({ monotonic: systemClock.now }) })
    await judge('sqlite', { limiter, settle: () => store.database.write([]) }, 200)
  }
  figures.push(await budgetFigure(options))
  {
    await using redis = await startRedis()
    const limiter = createRedisLimiter(systemClock, { url: redis.url, credential: null, onLost: () => undefined })
    await connected(limiter)
    await judge('redis', { limiter, settle: atOnce }, 200)
    await limiter.close()
  }
  return figures
}

/** What a turn pays for a reservation in three budgets, durable before its model is called. */
async function budgetFigure(options: BenchOptions): Promise<Figure> {
  options.note('budget')
  await using store = await openTestStore('sqlite')
  const budgets = createBudgets({ database: store.database, clock: systemClock, isSubject: () => Promise.resolve(true), namesOf: () => Promise.resolve(new Map()) })
  const accountId = `acc_${'0'.repeat(32)}`
  const caller = callerLike(accountId, 'member')
  for (const [scope, subject] of [['all', ''], ['account', accountId], ['role', 'member']] as const) await budgets.set(caller, { scope, subject, period: 'month', unit: 'tokens', amount: 1_000_000_000 })
  const times: number[] = []
  for (let round = 0; round < ROUNDS; round += 1) {
    let next = 0
    const from = process.hrtime.bigint()
    await Promise.all(Array.from({ length: TURNS }, async () => {
      while (next < PER_ROUND) {
        next += 1
        // The slowed build reserves for every token of the answer anew.
        for (let time = 0; time < (options.negativeControl ? 50 : 1); time += 1) await budgets.hold(caller, { model: 'bench/model', inputTokens: 20, outputTokens: 50 })
      }
    }))
    if (round > 0) times.push(Number(process.hrtime.bigint() - from) / 1_000 / PER_ROUND)
    if (options.negativeControl && round === 2) break
  }
  return figureOf({ id: 'limits.budget', value: median(times), unit: 'µs', bound: { atMost: 300 }, samples: `median of ${times.length} rounds of ${PER_ROUND} reservations in three budgets each, ${TURNS} at once, every one durable` })
}

/** Waits until its connection stands. */
async function connected(limiter: RateLimiter): Promise<void> {
  const signal = AbortSignal.timeout(5_000)
  while (!signal.aborted) {
    try { await limiter.look(rulesFor(0, { negativeControl: false, note: () => undefined })); return } catch { await once(AbortSignal.timeout(10), 'abort') }
  }
  throw new Error('Redis did not answer.')
}

export const bench: Bench = { title: 'Limits', run }
