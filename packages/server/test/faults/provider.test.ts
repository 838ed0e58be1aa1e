import { expect, test } from 'vitest'
import { forgetsFailures, meetBadDays } from './provider.ts'

const note = () => { /* the figures are told by `npm run faults` */ }
const silence = { firstByteSeconds: 1, idleSeconds: 1 }

test('whatever a vendor does, the caller is told what is documented, the turn is kept as it was shown, and no connection stays', { timeout: 120_000 }, async () => {
  expect(await meetBadDays({ note }, { silence, chosen: ['openai', 'anthropic'] })).toMatchObject({ turns: 42, undocumented: [], badlyRecorded: [], leaks: [], corrupt: [] })
})

test('a server that keeps nothing of an answer that failed is found out', { timeout: 60_000 }, async () => {
  expect((await meetBadDays({ note }, { silence, chosen: ['openai'], patches: forgetsFailures })).badlyRecorded).not.toEqual([])
})
