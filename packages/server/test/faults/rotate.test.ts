import { expect, test } from 'vitest'
import { derivesFromTheNewest, rotateUnderLoad } from './rotate.ts'

const options = { seed: 20_261_121, note: () => { /* the figures are told by `npm run faults` */ } }

test('a rotation of all data keys under load goes on after a kill, no turn fails, and everything opens', { timeout: 180_000 }, async () => {
  const outcome = await rotateUnderLoad({ ...options, rounds: 1 })
  expect(outcome).toMatchObject({ failed: [], lost: [], changed: [], torn: [], odd: [], corrupt: [], broken: 0, signsIn: true })
})

test('a server whose derived keys follow the newest data key is found out', { timeout: 180_000 }, async () => {
  expect((await rotateUnderLoad({ ...options, rounds: 1 }, { patches: derivesFromTheNewest })).signsIn).toBe(false)
})
