import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Clock } from '../kernel/clock.ts'
import type { RateRule } from '../kernel/rates.ts'
import type { RateLimiter } from '../ports/rate-limiter.ts'

/** What an adapter's test gives: limiters over one place to count in, as several processes would have it. */
export interface RateLimiterRig extends AsyncDisposable { open(clock: Clock): RateLimiter }

interface Hand { readonly clock: Clock; move(milliseconds: number): void }

/** A clock that stands, in the middle of a slot of nothing in particular. */
function handClock(): Hand {
  let at = 1_700_000_012_345
  return { clock: { now: () => at, monotonic: () => at }, move: (milliseconds) => { at += milliseconds } }
}
let serial = 0
/** A limit that no other test has counted. */
const ruleOf = (count: number, windowSeconds = 60): RateRule => ({ name: 'suite', key: `key-${process.pid}-${serial += 1}`, count, windowSeconds })

/** What every limiter promises. `runs` is how often a property is tried: fewer where each try costs a write. */
export function rateLimiterSuite(name: string, start: () => Promise<RateLimiterRig>, runs: number): void {
  const opened = async () => {
    const rig = await start()
    const hand = handClock()
    return { rig, ...hand, limiter: rig.open(hand.clock), [Symbol.asyncDispose]: () => rig[Symbol.asyncDispose]() }
  }
  describe(`the rate limiter ${name}`, () => {
    test('no window holds more events than its limit, and a window without events frees all', async () => {
      await using at = await opened()
      await fc.assert(fc.asyncProperty(fc.integer({ min: 1, max: 6 }), fc.array(fc.integer({ min: 0, max: 30_000 }), { maxLength: 25 }), async (count, waits) => {
        const rule = ruleOf(count)
        const taken: number[] = []
        for (const wait of waits) {
          at.move(wait)
          if ((await at.limiter.take([rule])).refused === null) taken.push(at.clock.now())
        }
        for (const from of taken) expect(taken.filter((moment) => moment >= from && moment < from + 60_000).length).toBeLessThanOrEqual(count)
        at.move(61_000)
        expect(await at.limiter.take([rule])).toMatchObject({ refused: null, standings: [{ remaining: count - 1 }] })
      }), { numRuns: runs })
    })

    test('what it says to wait is enough, and a second less is not', async () => {
      await using at = await opened()
      const rule = ruleOf(3)
      for (let event = 0; event < 3; event += 1) { expect((await at.limiter.take([rule])).refused).toBeNull(); at.move(5_000) }
      const { refused } = await at.limiter.take([rule])
      expect(refused).toMatchObject({ rule, remaining: 0 })
      at.move(((refused?.retryAfterSeconds ?? 0) - 1) * 1_000)
      expect((await at.limiter.take([rule])).refused).not.toBeNull()
      at.move(1_000)
      expect((await at.limiter.take([rule])).refused).toBeNull()
    })

    test('after what it calls the reset, all of it is back', async () => {
      await using at = await opened()
      const rule = ruleOf(2, 3_600)
      const { standings: [standing] } = await at.limiter.take([rule])
      expect(standing?.resetSeconds).toBeGreaterThan(3_500)
      at.move((standing?.resetSeconds ?? 0) * 1_000)
      expect((await at.limiter.look([rule])).standings).toMatchObject([{ remaining: 2, resetSeconds: 0, retryAfterSeconds: 0 }])
    })

    test('a clock that is set back a little forgets nothing, at the edge of a slot and within the window', async () => {
      await using at = await opened()
      for (const back of [2, 59_000, 1_200_000]) {
        const rule = ruleOf(5, 3_600)
        // A millisecond after the beginning of a slot of a minute.
        at.move(60_001 - at.clock.now() % 60_000)
        for (let event = 0; event < 5; event += 1) expect((await at.limiter.take([rule])).refused).toBeNull()
        at.move(-back)
        expect((await at.limiter.take([rule])).refused, `${back} ms`).not.toBeNull()
        at.move(back + 3_700_000)
        expect((await at.limiter.take([rule])).refused).toBeNull()
      }
    })

    test('of 200 at once against a limit of ten, ten are let in', async () => {
      await using at = await opened()
      const rule = ruleOf(10)
      const verdicts = await Promise.all(Array.from({ length: 200 }, async () => at.limiter.take([rule])))
      expect(verdicts.filter(({ refused }) => refused === null)).toHaveLength(10)
    })

    test('several limits count all or nothing, and keys do not share', async () => {
      await using at = await opened()
      const [wide, narrow, other] = [ruleOf(10), ruleOf(1, 3_600), ruleOf(1)]
      expect((await at.limiter.take([wide, narrow])).refused).toBeNull()
      expect((await at.limiter.take([wide, narrow])).refused).toMatchObject({ rule: narrow })
      expect((await at.limiter.look([wide, narrow, other])).standings.map(({ remaining }) => remaining)).toEqual([9, 0, 1])
      expect((await at.limiter.take([other])).refused).toBeNull()
    })

    test('looking counts nothing, no limits are no refusal, and a limit may change', async () => {
      await using at = await opened()
      const rule = ruleOf(1)
      for (let look = 0; look < 3; look += 1) expect((await at.limiter.look([rule])).refused).toBeNull()
      expect(await at.limiter.take([])).toEqual({ refused: null, standings: [] })
      expect((await at.limiter.take([rule])).refused).toBeNull()
      expect((await at.limiter.take([rule])).refused).not.toBeNull()
      expect((await at.limiter.take([{ ...rule, count: 2 }])).refused).toBeNull()
    })
  })
}

/** What a limiter promises that several processes share, or a process and the one after it. */
export function sharedLimiterSuite(name: string, start: () => Promise<RateLimiterRig>): void {
  describe(`the rate limiter ${name}, from several processes`, () => {
    test('what one counted, the other sees', async () => {
      await using rig = await start()
      const { clock } = handClock()
      const [one, other] = [rig.open(clock), rig.open(clock)]
      const rule = ruleOf(10)
      const verdicts = await Promise.all(Array.from({ length: 100 }, async (_, index) => (index % 2 === 0 ? one : other).take([rule])))
      expect(verdicts.filter(({ refused }) => refused === null)).toHaveLength(10)
      expect((await other.look([rule])).refused).not.toBeNull()
    })

    test('who comes after a clock was set back a little still sees what was counted', async () => {
      await using rig = await start()
      const { clock, move } = handClock()
      move(60_001 - clock.now() % 60_000)
      const rule = ruleOf(1, 3_600)
      await rig.open(clock).take([rule])
      move(-2)
      expect((await rig.open(clock).take([rule])).refused).not.toBeNull()
    })

    test('a clock that jumps back a day costs nobody a day', async () => {
      await using rig = await start()
      const { clock, move } = handClock()
      const limiter = rig.open(clock)
      const rule = ruleOf(1, 3_600)
      await limiter.take([rule])
      move(-86_400_000)
      expect((await limiter.take([rule])).refused).toBeNull()
      expect((await limiter.take([rule])).refused).not.toBeNull()
    })
  })
}
