import { describe, expect, test } from 'vitest'
import { cutHindrance } from './lib/machine.ts'
import { cutUnderLoad, doesNotSync } from './power-cut.ts'

const hindrance = cutHindrance()
const options = { rounds: 1, seed: 4, note: () => { /* the figures are told by `npm run faults` */ } }

describe.skipIf(hindrance !== null)(`a disk whose power is cut${hindrance === null ? '' : ` (${hindrance})`}`, () => {
  test('what was acknowledged is there afterwards, and the store is whole', { timeout: 180_000 }, async () => {
    const outcome = await cutUnderLoad({ ...options, rounds: 2 }, { latest: 80 })
    expect(outcome).toMatchObject({ cuts: 2, lost: [], changed: [], torn: [], odd: [], corrupt: [] })
    expect(outcome.questions).toBeGreaterThan(0)
  })

  test('a server that does not wait for its disk is found out', { timeout: 180_000 }, async () => {
    expect((await cutUnderLoad(options, { latest: 80, patches: doesNotSync })).lost).not.toEqual([])
  })
})
