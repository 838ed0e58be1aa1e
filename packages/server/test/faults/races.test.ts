import { expect, test } from 'vitest'
import { looksButDoesNotTake, raceNames, runRaces, waitsBeforeItWrites } from './races.ts'

const note = () => undefined

test.each([
  { store: 'a store', racers: 60, patches: [] },
  { store: 'a store that waits before each write', racers: 30, patches: [waitsBeforeItWrites] },
])('of many at once exactly one becomes the owner, comes in by an invitation, resets a password, and signs in with a code; a budget for ten serves ten: with $store', { timeout: 120_000 }, async ({ racers, patches }) => {
  expect(await runRaces({ rounds: 1, racers, note, patches })).toEqual({ rounds: 1, wrong: { 'set-up': [], invitation: [], budget: [], reset: [], code: [], 'recovery-code': [] } })
})

test.each(raceNames)('a server that looks at the token of %s and does not take it is found out', { timeout: 120_000 }, async (name) => {
  expect((await runRaces({ rounds: 1, racers: 30, note, patches: [waitsBeforeItWrites, ...looksButDoesNotTake[name]] })).wrong[name]).not.toEqual([])
})
