import { expect, test } from 'vitest'
import { fewPlaces, runBeside, unfair } from './fair.ts'

const note = () => { /* the figures are told by `npm run faults` */ }

test('where one account asks for every place, others are answered all the same', { timeout: 180_000 }, async () => {
  expect(await runBeside({ note }, { ...fewPlaces, passes: 1, turns: 2 })).toMatchObject({ failures: [], heavyRunning: 16 })
})

test('a server that gives places to whoever comes first is found out', { timeout: 180_000 }, async () => {
  expect((await runBeside({ note }, { ...fewPlaces, patches: unfair, passes: 1, turns: 1 })).failed).toBeGreaterThan(0)
})
