import { expect, test } from 'vitest'
import { cutStreams, hidesTheEnd } from './resume.ts'

const options = { seed: 20_261_121, note: () => { /* the figures are told by `npm run faults` */ } }

test('a stream that is cut anywhere and resumed gives the same text and its end, also across restarts', { timeout: 120_000 }, async () => {
  const outcome = await cutStreams({ ...options, rounds: 24 }, { roundsPerRestart: 8 })
  expect(outcome).toMatchObject({ turns: 24, restarts: 3, lost: [], changed: [], torn: [], odd: [], unended: [] })
  expect(outcome.cuts).toBeGreaterThan(5)
})

test('a server that hides the end from some who come back is found out', { timeout: 120_000 }, async () => {
  // It shows only where a reader had seen much when the server went down, so a run may miss it.
  for (let seed = 1; seed <= 5; seed += 1) {
    const { unended } = await cutStreams({ ...options, seed, rounds: 16 }, { roundsPerRestart: 8, patches: hidesTheEnd })
    if (unended.length > 0) return
  }
  expect.fail('nobody was left without an end')
})
