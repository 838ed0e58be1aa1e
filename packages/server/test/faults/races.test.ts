import { expect, test } from 'vitest'
import { looksButDoesNotTake, runRaces } from './races.ts'

const note = () => undefined

test('of many at once exactly one becomes the owner, comes in by an invitation, resets a password, and signs in with a code; a budget for ten serves ten', { timeout: 60_000 }, async () => {
  expect(await runRaces({ rounds: 1, racers: 60, note })).toEqual({ rounds: 1, wrong: { 'set-up': [], invitation: [], budget: [], reset: [], code: [], 'recovery-code': [] } })
})

/** Whether two come through at once is chance: a server that lets them is found out in one of a few rounds. */
const ROUNDS = 12

test.each(['set-up', 'invitation', 'budget', 'reset', 'code', 'recovery-code'] as const)('a server that looks at the token of %s and does not take it is found out', { timeout: 120_000 }, async (name) => {
  const found: string[] = []
  for (let round = 0; round < ROUNDS && found.length === 0; round += 1) found.push(...(await runRaces({ rounds: 1, racers: 30, note, patches: looksButDoesNotTake[name] })).wrong[name])
  expect(found).not.toEqual([])
})
