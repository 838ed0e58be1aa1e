import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { passwordTries } from '../../policy/limits.ts'
import { lockedUntil, noTries, succeed, takeTry, type GuardState } from './guard.ts'

const SECOND = 1_000
const HOUR = 3_600 * SECOND
const DAY = 24 * HOUR
const START = Date.UTC(2026, 0, 1)

/** Tries at these moments, wrong each time; gives the moments that were let in. */
function tryAt(moments: readonly number[], isKnown: boolean | ((index: number) => boolean), from: GuardState = noTries) {
  let state = from
  const accepted: number[] = []
  for (const [index, at] of moments.entries()) {
    const answer = takeTry(state, at, typeof isKnown === 'boolean' ? isKnown : isKnown(index))
    if (answer.allowed) { state = answer.state; accepted.push(at) }
  }
  return { state, accepted }
}

describe('tries of a password', () => {
  test('in any hour no more than ten are let in, whoever tries and whenever', () => {
    fc.assert(fc.property(fc.array(fc.record({ gap: fc.integer({ min: 0, max: 20 * 60 * SECOND }), isKnown: fc.boolean() }), { maxLength: 200 }), (tries) => {
      let at = START
      const moments = tries.map(({ gap }) => { at += gap; return at })
      const { accepted } = tryAt(moments, (index) => tries[index]?.isKnown ?? false)
      for (const from of accepted) expect(accepted.filter((moment) => moment >= from && moment < from + HOUR).length).toBeLessThanOrEqual(10)
    }))
  })

  test('strangers have eight, so that from a known place two are always left', () => {
    const everyTenSeconds = Array.from({ length: 300 }, (_, index) => START + index * 10 * SECOND)
    const { state, accepted } = tryAt(everyTenSeconds, false)
    expect(accepted).toHaveLength(8)
    expect(takeTry(state, START + 3_000 * SECOND, true).allowed).toBe(true)
  })

  test('waits grow for strangers, and there are none from a known place', () => {
    const everySecond = Array.from({ length: 1_000 }, (_, index) => START + index * SECOND)
    const waits = tryAt(everySecond, false).accepted.map((at, index, all) => (at - (all[index - 1] ?? at)) / SECOND)
    expect(waits).toEqual([0, 1, 1, 1, 5, 15, 60, 180])
    expect(tryAt(Array.from({ length: 20 }, () => START), true).accepted).toHaveLength(10)
  })

  test('many at the same moment gain nothing', () => {
    expect(tryAt(Array.from({ length: 200 }, () => START), false).accepted).toHaveLength(4)
  })

  test('a refused one says until when, and is let in then', () => {
    fc.assert(fc.property(fc.array(fc.integer({ min: 0, max: 400 * SECOND }), { minLength: 1, maxLength: 60 }), (gaps) => {
      let at = START
      const { state } = tryAt(gaps.map((gap) => { at += gap; return at }), false)
      const answer = takeTry(state, at, false)
      if (!answer.allowed) {
        expect(takeTry(state, answer.until - 1, false).allowed).toBe(false)
        expect(takeTry(state, answer.until, false).allowed).toBe(true)
      }
    }))
  })

  test('a right one costs nothing, and what was tried wrongly before still counts', () => {
    let { state } = tryAt([START, START + SECOND, START + 2 * SECOND], false)
    for (let time = 3; time < 40; time += 1) {
      const answer = takeTry(state, START + time * 10 * SECOND, false)
      expect(answer.allowed).toBe(true)
      if (answer.allowed) state = succeed(answer.state, START + time * 10 * SECOND)
    }
    expect(state.moments).toHaveLength(3)
    expect(state.failures).toBe(0)
  })

  test('after a hundred wrong ones in a row strangers are not heard for thirty days; a known place is', () => {
    const everyTenMinutes = Array.from({ length: 2_000 }, (_, index) => START + index * 10 * 60 * SECOND)
    const { state, accepted } = tryAt(everyTenMinutes, false)
    expect(accepted).toHaveLength(passwordTries.failures)
    const later = START + 20 * DAY
    expect(takeTry(state, later, false)).toEqual({ allowed: false, until: state.lastAt + 30 * DAY })
    expect(takeTry(state, later, true).allowed).toBe(true)
    expect(takeTry(state, state.lastAt + 30 * DAY, false).allowed).toBe(true)
    expect(lockedUntil(state, later)).toBe(state.lastAt + 30 * DAY)
  })

  test('a lock is told once: by the try that used up what strangers have', () => {
    const everyFourMinutes = Array.from({ length: 12 }, (_, index) => START + index * 4 * 60 * SECOND)
    let state = noTries
    const told: number[] = []
    for (const [index, at] of everyFourMinutes.entries()) {
      const answer = takeTry(state, at, false)
      if (!answer.allowed) continue
      state = answer.state
      if (answer.locks) told.push(index)
    }
    expect(told).toEqual([7])
    expect(lockedUntil(state, START + 30 * 60 * SECOND)).toBe(START + HOUR)
    expect(lockedUntil(state, START + HOUR)).toBeNull()
  })

  test('a clock that was set back holds nobody for longer than a window', () => {
    const { state } = tryAt(Array.from({ length: 8 }, (_, index) => START + index * 200 * SECOND), false)
    const back = START - 5 * DAY
    const answer = takeTry(state, back, false)
    expect(answer).toMatchObject({ allowed: false })
    if (!answer.allowed) expect(answer.until).toBeLessThanOrEqual(back + HOUR)
  })
})
