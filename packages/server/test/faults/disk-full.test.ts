import { describe, expect, test } from 'vitest'
import { fillDisk, forgetsEndings, startWithoutRoom } from './disk-full.ts'
import { mountHindrance } from './lib/machine.ts'

const hindrance = mountHindrance()
const options = { rounds: 1, note: () => { /* the figures are told by `npm run faults` */ } }

describe.skipIf(hindrance !== null)(`a disk without room${hindrance === null ? '' : ` (${hindrance})`}`, () => {
  test('reads go on, writes are refused as documented, and all is well once there is room', { timeout: 120_000 }, async () => {
    const outcome = await fillDisk(options)
    expect(outcome).toMatchObject({ fills: 1, failedReads: [], undocumented: [], lost: [], changed: [], torn: [], odd: [], corrupt: [] })
    expect(outcome.refusedWrites).toBeGreaterThan(0)
    expect(outcome.backSeconds).not.toContain(Number.POSITIVE_INFINITY)
  })

  test('a first start without room is no hindrance to one with room', { timeout: 120_000 }, async () => {
    expect(await startWithoutRoom()).toEqual([])
  })

  test('a server that forgets the endings that it could not write is found out', { timeout: 120_000 }, async () => {
    expect((await fillDisk(options, forgetsEndings)).backSeconds).toContain(Number.POSITIVE_INFINITY)
  })
})
