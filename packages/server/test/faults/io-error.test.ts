import { describe, expect, test } from 'vitest'
import { failServer, failWriter, ignoresFailures } from './io-error.ts'
import { straceHindrance } from './lib/machine.ts'

const hindrance = straceHindrance()
const options = { seed: 20_261_121, note: () => { /* the figures are told by `npm run faults` */ } }

describe.skipIf(hindrance !== null)(`the n-th write or sync fails${hindrance === null ? '' : ` (${hindrance})`}`, () => {
  test('a writer acknowledges nothing that failed, and goes on after a fault that came once', { timeout: 120_000 }, async () => {
    const outcome = await failWriter({ ...options, rounds: 9 })
    expect(outcome).toMatchObject({ falselyAcknowledged: [], corrupt: [], stuck: [] })
    expect(outcome.injected).toBeGreaterThan(4)
  })

  test('a server acknowledges nothing that failed', { timeout: 120_000 }, async () => {
    const outcome = await failServer(options)
    expect(outcome).toMatchObject({ lost: [], changed: [], torn: [], odd: [], corrupt: [] })
    expect(outcome.failed).toBeGreaterThan(0)
  })

  test('a writer that takes a failed commit for a good one is found out', { timeout: 120_000 }, async () => {
    expect((await failWriter({ ...options, rounds: 9 }, ignoresFailures)).falselyAcknowledged).not.toEqual([])
  })
})
