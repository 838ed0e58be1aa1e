import { expect, test } from 'vitest'
import { askBesideSlow, fewConnections, openToOne } from './slow-clients.ts'

const note = () => { /* the figures are told by `npm run faults` */ }

test('one address that wants more slow connections than there are leaves others served', { timeout: 120_000 }, async () => {
  expect((await askBesideSlow({ note }, fewConnections)).failed).toBe(0)
})

test('a server that lets one address have every connection is found out', { timeout: 120_000 }, async () => {
  expect((await askBesideSlow({ note }, { ...fewConnections, patches: openToOne })).failed).toBeGreaterThan(0)
})
