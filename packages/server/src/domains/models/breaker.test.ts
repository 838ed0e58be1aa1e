import { expect, test } from 'vitest'
import { createBreaker } from './breaker.ts'

function open(failures = 3, seconds = 10) {
  let at = 0
  const breaker = createBreaker({ failures, seconds }, { now: () => at, monotonic: () => at })
  const fail = () => { breaker.enter()?.failed() }
  return { breaker, fail, move: (milliseconds: number) => { at += milliseconds } }
}

test('it opens at so many failures in a row, and a success in between begins the count anew', () => {
  const { breaker, fail } = open()
  fail(); fail()
  breaker.enter()?.succeeded()
  fail(); fail()
  expect(breaker.state()).toBe('closed')
  fail()
  expect([breaker.state(), breaker.enter(), breaker.retryAfterSeconds()]).toEqual(['open', null, 10])
})

test('when its time is over one call tries and all others wait; a success closes it', () => {
  const { breaker, fail, move } = open()
  fail(); fail(); fail()
  move(9_999)
  expect(breaker.enter()).toBeNull()
  move(1)
  const trial = breaker.enter()
  expect([breaker.state(), breaker.enter()]).toEqual(['half-open', null])
  trial?.succeeded()
  expect([breaker.state(), breaker.failures()]).toEqual(['closed', 0])
  expect(breaker.enter()).not.toBeNull()
})

test('a trial that fails opens it for the whole time again, and one that says nothing lets the next one try', () => {
  const { breaker, fail, move } = open()
  fail(); fail(); fail()
  move(10_000)
  breaker.enter()?.leftOpen()
  const trial = breaker.enter()
  trial?.failed()
  expect([breaker.state(), breaker.enter()]).toEqual(['open', null])
  move(10_000)
  expect(breaker.enter()).not.toBeNull()
})

test('what began before it opened neither closes it nor keeps it open', () => {
  const { breaker, fail, move } = open()
  const early = [breaker.enter(), breaker.enter()]
  fail(); fail(); fail()
  early[0]?.succeeded()
  move(5_000)
  early[1]?.failed()
  expect(breaker.state()).toBe('open')
  move(5_000)
  expect(breaker.state()).toBe('half-open')
})

test('the first of an answer closes it after a trial, and says nothing of a call like any other', () => {
  const { breaker, fail, move } = open()
  fail(); fail()
  breaker.enter()?.begun()
  expect(breaker.failures()).toBe(2)
  fail()
  move(10_000)
  breaker.enter()?.begun()
  expect([breaker.state(), breaker.failures()]).toEqual(['closed', 0])
})

test('a call tells its end once', () => {
  const { breaker } = open()
  const permit = breaker.enter()
  permit?.failed(); permit?.failed(); permit?.succeeded()
  expect(breaker.failures()).toBe(1)
})
