import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { createSealer } from '../../kernel/seal.ts'
import { createTransactions, toAttempt } from './transaction.ts'

const sealerWith = (raw = randomBytes(32)) => createSealer('server', new Map([[1, raw]]))
const transactions = createTransactions(sealerWith())
const begun = transactions.begin({ redirectUri: 'https://chat.example.org/callback', startedAt: 1_000, fresh: false, returnTo: '/', purpose: { kind: 'sign-in' } })

test('a sign-in opens with the provider that it was begun for, on the server that began it, and within its time', () => {
  const cookie = transactions.seal('idp_one', begun)
  expect(transactions.open('idp_one', cookie, 1_000)).toEqual(begun)
  expect(transactions.open('idp_one', cookie, 601_000)).toEqual(begun)
  expect(transactions.open('idp_one', cookie, 601_001)).toBeNull()
  expect(transactions.open('idp_one', cookie, 999)).toBeNull()
  expect(transactions.open('idp_two', cookie, 1_000)).toBeNull()
  expect(createTransactions(sealerWith()).open('idp_one', cookie, 1_000)).toBeNull()
})

test('what is cut, altered or no cookie of ours is no sign-in', () => {
  const cookie = transactions.seal('idp_one', begun)
  for (const other of ['', 'x', cookie.slice(0, -2), cookie.slice(2), `${cookie.slice(0, 40)}${cookie[40] === 'A' ? 'B' : 'A'}${cookie.slice(41)}`]) expect(transactions.open('idp_one', other, 1_000)).toBeNull()
  expect(cookie).not.toContain(begun.state)
  expect(cookie.length).toBeLessThan(3_000)
})

test('every sign-in has its own state, nonce and verifier, and they are not each other', () => {
  const all = Array.from({ length: 100 }, () => transactions.begin(begun)).flatMap(({ state, nonce, verifier }) => [state, nonce, verifier])
  expect(new Set(all).size).toBe(300)
  for (const value of all) expect(value).toMatch(/^[\w-]{43}$/)
})

test('who must prove themselves again must do so after the sign-in began', () => {
  expect(toAttempt({ ...begun, fresh: true }).freshSince).toBe(1_000)
  expect(toAttempt(begun).freshSince).toBeNull()
})
