import { expect, test } from 'vitest'
import { stopUnderLoad, waitsForClients } from './restart.ts'

// Wide, because it is not the machine's speed that is judged here: who waits for its clients waits for ever.
const options = { seed: 20_261_121, drainSeconds: 1, closingSeconds: 12, hindered: true, note: () => { /* the figures are told by `npm run faults` */ } }

test('a server that is stopped ends its turns, leaves in time whatever its clients hold, and loses nothing', { timeout: 120_000 }, async () => {
  const outcome = await stopUnderLoad({ ...options, rounds: 1 })
  expect(outcome).toMatchObject({ restarts: 1, lost: [], changed: [], torn: [], odd: [], brokenStreams: [], failed: [], badExits: [], corrupt: [] })
  expect(outcome.stopped).toBeGreaterThan(0)
})

test('a server that waits for its clients is found out', { timeout: 60_000 }, async () => {
  expect((await stopUnderLoad({ ...options, closingSeconds: 5, rounds: 1, patches: waitsForClients })).badExits).not.toEqual([])
})
