import { expect, test } from 'vitest'
import { acknowledgesTooEarly, killFirstStarts, killUnderLoad } from './kill.ts'

const options = { seed: 20_261_121, note: () => { /* the figures are told by `npm run faults` */ } }

test('whatever a killed server acknowledged is there after the next start, as it was shown', { timeout: 120_000 }, async () => {
  const outcome = await killUnderLoad({ ...options, rounds: 4 }, { latest: 120 })
  expect(outcome).toMatchObject({ kills: 4, lost: [], changed: [], torn: [], odd: [], corrupt: [] })
  expect(outcome.answers).toBeGreaterThan(4)
})

test('a server that acknowledges before it has written is found out', { timeout: 60_000 }, async () => {
  expect((await killUnderLoad({ ...options, rounds: 1 }, { latest: 120, patches: acknowledgesTooEarly })).lost).not.toEqual([])
})

test('a start that was killed is no hindrance to the next', { timeout: 60_000 }, async () => {
  expect(await killFirstStarts({ ...options, rounds: 1 })).toEqual([])
})
