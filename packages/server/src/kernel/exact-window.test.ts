import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createExactWindow } from './exact-window.ts'
import { createRateWindow } from './rate-window.ts'

function settable() {
  let now = 0
  return { clock: { now: () => now, monotonic: () => now }, advance: (milliseconds: number) => { now += milliseconds } }
}
const row = { count: 5, windowSeconds: 60 }
/** When each event was let in. */
function letIn(take: (key: string) => { readonly allowed: boolean }, waits: readonly number[], advance: (milliseconds: number) => void): readonly number[] {
  const moments: number[] = []
  let now = 0
  for (const wait of waits) {
    advance(wait)
    now += wait
    if (take('key').allowed) moments.push(now)
  }
  return moments
}
const mostInAnyWindow = (moments: readonly number[]) => Math.max(0, ...moments.map((from) => moments.filter((moment) => moment >= from && moment < from + 60_000).length))

describe('an exact window', () => {
  test('never lets more in than its count, in any window, however events come', () => {
    fc.assert(fc.property(fc.array(fc.integer({ min: 0, max: 20_000 }), { maxLength: 80 }), (waits) => {
      const { clock, advance } = settable()
      const window = createExactWindow(clock, row)
      expect(mostInAnyWindow(letIn((key) => window.take(key), waits, advance))).toBeLessThanOrEqual(5)
    }))
  })

  test('says when the next is let in, and lets it in then', () => {
    const { clock, advance } = settable()
    const window = createExactWindow(clock, row)
    for (let event = 0; event < 5; event += 1) { expect(window.take('a')).toMatchObject({ allowed: true, remaining: 4 - event }); advance(1_000) }
    const { allowed, retryAfterSeconds } = window.take('a')
    expect({ allowed, retryAfterSeconds }).toEqual({ allowed: false, retryAfterSeconds: 55 })
    expect(window.take('b').allowed).toBe(true)
    advance(retryAfterSeconds * 1_000 - 1)
    expect(window.take('a').allowed).toBe(false)
    advance(1)
    expect(window.take('a').allowed).toBe(true)
  })

  test('what is given back does not count', () => {
    const { clock } = settable()
    const window = createExactWindow(clock, row)
    for (let event = 0; event < 20; event += 1) { expect(window.take('a').allowed).toBe(true); window.giveBack('a') }
    window.giveBack('never seen')
  })

  test('keys in their thousands do not grow the table without end, and the newest are kept', () => {
    const { clock, advance } = settable()
    const window = createExactWindow(clock, { count: 1, windowSeconds: 60 })
    for (let key = 0; key < 60_000; key += 1) window.take(`key ${key}`)
    expect(window.take('key 59999').allowed).toBe(false)
    expect(window.take('key 0').allowed).toBe(true)
    advance(60_000)
    expect(window.take('key 59999').allowed).toBe(true)
  })
})

describe('a rate window', () => {
  test('keys in their thousands do not grow the table without end, nor slow it', () => {
    const { clock } = settable()
    const window = createRateWindow(clock, { count: 1, windowSeconds: 60 })
    for (let key = 0; key < 120_000; key += 1) window.take(`key ${key}`)
    expect(window.take('key 119999').allowed).toBe(false)
    expect(window.take('key 0').allowed).toBe(true)
  })

  test('holds its rate over time, and its burst, but not its count in every window', () => {
    const { clock, advance } = settable()
    const window = createRateWindow(clock, row)
    const moments = letIn((key) => window.take(key), Array<number>(200).fill(1_000), advance)
    expect(moments.slice(0, 5)).toEqual([1_000, 2_000, 3_000, 4_000, 5_000])
    expect(moments.length).toBeLessThanOrEqual(5 + Math.ceil(200 / 12))
    expect(mostInAnyWindow(moments)).toBeGreaterThan(5)
  })

  test('peeking counts nothing, and agrees with what taking then says', () => {
    const { clock, advance } = settable()
    const window = createRateWindow(clock, row)
    for (let event = 0; event < 30; event += 1) {
      const peeked = window.peek('a')
      expect(window.peek('a')).toEqual(peeked)
      expect(window.take('a').allowed).toBe(peeked.allowed)
      advance(3_000)
    }
  })

  test('after the wait that it names it lets the next in', () => {
    fc.assert(fc.property(fc.array(fc.integer({ min: 0, max: 10_000 }), { minLength: 6, maxLength: 40 }), (waits) => {
      const { clock, advance } = settable()
      const window = createRateWindow(clock, row)
      for (const wait of waits) {
        advance(wait)
        const { allowed, retryAfterSeconds } = window.take('a')
        if (allowed) continue
        expect(retryAfterSeconds).toBeGreaterThan(0)
        advance(retryAfterSeconds * 1_000)
        expect(window.take('a').allowed).toBe(true)
      }
    }))
  })
})
