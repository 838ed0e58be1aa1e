import { expect, test } from 'vitest'
import type { Clock } from '../../../kernel/clock.ts'
import { systemClock } from '../../../kernel/clock.ts'
import type { ToldUse } from '../../../kernel/rates.ts'
import type { RateLimiter } from '../../../ports/rate-limiter.ts'
import { describeWith } from '../../../testing/needs.ts'
import { rateLimiterSuite, sharedLimiterSuite, type RateLimiterRig } from '../../../testing/rate-limiter.suite.ts'
import { startRedis, type OwnRedis } from '../../../testing/redis.ts'
import { createInsuredLimiter, type Insured } from '../insured/index.ts'
import { createMemoryLimiter } from '../memory/index.ts'
import { createRedisLimiter } from './index.ts'

interface Rig extends RateLimiterRig { readonly redis: OwnRedis; open(clock: Clock, onLost?: (error: unknown) => void, onTold?: (use: ToldUse) => void): RateLimiter }

async function open(): Promise<Rig> {
  const redis = await startRedis()
  const limiters: RateLimiter[] = []
  return {
    redis,
    open(clock: Clock, onLost: (error: unknown) => void = () => undefined, onTold?: (use: ToldUse) => void) {
      const limiter = createRedisLimiter(clock, { url: redis.url, credential: null, onLost, ...(onTold !== undefined && { onTold }) })
      limiters.push(limiter)
      return whenReady(limiter)
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(limiters.map((limiter) => limiter.close()))
      await redis[Symbol.asyncDispose]()
    },
  }
}

/** The adapter does not wait for a connection; what it promises it promises with one. */
function whenReady(limiter: RateLimiter): RateLimiter {
  const ready = (async () => {
    for (;;) { try { await limiter.look([{ name: 'ready', key: '', count: 1, windowSeconds: 1 }]); return } catch { await new Promise((resolve) => { setTimeout(resolve, 10) }) } }
  })()
  return { take: async (rules) => { await ready; return limiter.take(rules) }, look: async (rules) => { await ready; return limiter.look(rules) }, close: () => limiter.close() }
}

describeWith('redis', 'over Redis', () => {
  rateLimiterSuite('redis', open, 20)
  sharedLimiterSuite('redis', open)

  test('a command that Redis does not answer has failed within a moment', async () => {
    await using rig = await open()
    const limiter = rig.open(systemClock)
    const rule = { name: 'frozen', key: 'a', count: 5, windowSeconds: 60 }
    await limiter.take([rule])
    rig.redis.freeze()
    await expect((async () => limiter.take([rule]))()).rejects.toThrow()
    rig.redis.thaw()
  })

  /** Two processes, each with the insurance of the server. */
  async function insured(open: (onLost: (error: unknown) => void, onTold: (use: ToldUse) => void) => RateLimiter, share: number) {
    const states: string[] = []
    const limiters = [0, 1].map(() => {
      const limiter: Insured = createInsuredLimiter(open((error) => { limiter.lose(error) }, (use) => { limiter.hear(use) }), { clock: systemClock, own: createMemoryLimiter(systemClock), share, onChange: (state) => { states.push(state) } })
      return limiter
    })
    await Promise.all(limiters.map(async (limiter) => limiter.look([{ name: 'ready', key: '', count: 1, windowSeconds: 1 }])))
    // The second connection follows the first.
    await new Promise((resolve) => { setTimeout(resolve, 200) })
    return { limiters, states }
  }

  test('Redis killed and restored under load: no request fails because of it, and no limit gives more than is written', async () => {
    await using rig = await open()
    const { limiters, states } = await insured((onLost, onTold) => rig.open(systemClock, onLost, onTold), 0.5)
    const rules = Array.from({ length: 20 }, (_, index) => ({ name: 'load', key: `k${index}`, count: 40, windowSeconds: 60 }))
    const given = new Map<string, number>()
    let asked = 0
    let isOver = false
    const load = limiters.map(async (limiter, worker) => {
      for (let index = worker; !isOver; index += 1) {
        const rule = rules[index % rules.length]
        if (rule === undefined) continue
        asked += 1
        // A rejection fails the test.
        if ((await limiter.take([rule])).refused === null) given.set(rule.key, (given.get(rule.key) ?? 0) + 1)
        if (index % 5 === 0) await new Promise((resolve) => { setTimeout(resolve, 3) })
      }
    })
    const phase = (milliseconds: number) => new Promise((resolve) => { setTimeout(resolve, milliseconds) })
    await phase(150)
    await rig.redis.kill()
    await phase(700)
    // It comes back empty.
    await rig.redis.start()
    await phase(1_500)
    rig.redis.freeze()
    await phase(600)
    rig.redis.thaw()
    await phase(1_000)
    isOver = true
    await Promise.all(load)
    expect(asked).toBeGreaterThan(500)
    expect(states).toContain('lost')
    expect(states).toContain('found')
    for (const [key, count] of given) expect(count, key).toBeLessThanOrEqual(40)
  })

  const takeAll = async (limiter: RateLimiter, rule: { readonly name: string; readonly key: string; readonly count: number; readonly windowSeconds: number }) => {
    let given = 0
    for (let event = 0; event < 2 * rule.count; event += 1) if ((await limiter.take([rule])).refused === null) given += 1
    return given
  }
  const met = (key: string, count: number) => ({ name: 'met', key, count, windowSeconds: 60 })

  test.each([40, 10, 3, 1])('a key of %i that one process alone has met before Redis is killed gets no more than is written, from whichever', async (count) => {
    await using rig = await open()
    const { limiters: [one, other] } = await insured((onLost, onTold) => rig.open(systemClock, onLost, onTold), 0.5)
    if (one === undefined || other === undefined) throw new Error('There are two.')
    const given = new Map<string, number>()
    const give = async (limiter: RateLimiter, key: string, times: number) => {
      for (let event = 0; event < times; event += 1) if ((await limiter.take([met(key, count)])).refused === null) given.set(key, (given.get(key) ?? 0) + 1)
    }
    // All, half, one short of telling, nothing; and one of which the other knew only the beginning.
    await give(one, 'all', 2 * count)
    await give(one, 'half', Math.ceil(count / 2))
    await give(one, 'few', Math.min(count, 4))
    await give(other, 'begun', 1)
    await give(one, 'begun', 2 * count)
    await new Promise((resolve) => { setTimeout(resolve, 50) })
    await rig.redis.kill()
    for (const key of ['all', 'half', 'few', 'none', 'begun']) for (const limiter of [other, one]) await give(limiter, key, 2 * count)
    for (const [key, all] of given) expect(all, key).toBeLessThanOrEqual(count)
    expect(given.get('all')).toBe(count)
    // Nobody had used anything: there is something to give.
    if (count > 1) expect(given.get('none') ?? 0).toBeGreaterThanOrEqual(Math.floor(count / 2) * 2)
  })

  test('whoever hears nothing of what others were given would give too much: the test above can fail', async () => {
    await using rig = await open()
    const { limiters: [one, other] } = await insured((onLost) => rig.open(systemClock, onLost), 0.5)
    if (one === undefined || other === undefined) throw new Error('There are two.')
    const before = await takeAll(one, met('deaf', 40))
    await rig.redis.kill()
    expect(before + await takeAll(other, met('deaf', 40))).toBeGreaterThan(40)
  })

  test('while Redis is gone each process gives its share alone', async () => {
    await using rig = await open()
    await rig.redis.kill()
    const { limiters } = await insured((onLost) => createRedisLimiter(systemClock, { url: rig.redis.url, credential: null, onLost }), 0.5)
    const rule = { name: 'alone', key: 'a', count: 10, windowSeconds: 60 }
    for (const limiter of limiters) {
      const verdicts = []
      for (let event = 0; event < 20; event += 1) verdicts.push(await limiter.take([rule]))
      expect(verdicts.filter(({ refused }) => refused === null)).toHaveLength(5)
      await limiter.close()
    }
  })
})
