import { expect, test } from 'vitest'
import { answersBeforeCommit, killWriter } from './writer.ts'

const options = { seed: 20_261_121, note: () => { /* the figures are told by `npm run faults` */ } }

test('every batch that a killed writer acknowledged is there whole, and no other in part', { timeout: 120_000 }, async () => {
  const outcome = await killWriter({ ...options, rounds: 20 })
  expect(outcome).toMatchObject({ kills: 20, lost: [], torn: [], wrong: [], corrupt: [] })
  expect(outcome.acknowledged).toBeGreaterThan(20)
})

test('a writer that answers before it commits is found out', { timeout: 60_000 }, async () => {
  expect((await killWriter({ ...options, rounds: 3 }, answersBeforeCommit)).lost).not.toEqual([])
})
