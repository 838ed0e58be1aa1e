import { expect, test } from 'vitest'
import { breaker, neverOpens, playPhases, shortPhases } from './breaker.ts'

const note = () => { /* the figures are told by `npm run faults` */ }
const isHindered = breaker.hindrance() !== null
const play = async (patches: typeof neverOpens) => {
  const { seconds, openedAfterSeconds, recoverySeconds } = await playPhases({ note }, { phases: shortPhases, patches })
  const sum = (of: (second: (typeof seconds)[number]) => number) => seconds.reduce((total, second) => total + of(second), 0)
  return { openedAfterSeconds, recoverySeconds, beside: sum((second) => second.beside), besideFailed: sum((second) => second.besideFailed), reached: sum((second) => (second.phase === 'lies' ? second.reached : 0)) }
}

test.skipIf(isHindered)('a provider that hangs and lies is left alone but for a try now and then, others are answered, and it is asked again when it is well', { timeout: 120_000 }, async () => {
  const found = await play([])
  // Two seconds for a first byte can be too few on a machine with much else to do; `npm run faults` wants every one.
  expect(found.besideFailed / found.beside).toBeLessThan(0.05)
  expect(found.openedAfterSeconds).toBeGreaterThan(0)
  expect(found.recoverySeconds).toBeGreaterThan(0)
  expect(found.reached).toBeLessThan(10)
})

test.skipIf(isHindered)('a server whose breaker never opens is found out', { timeout: 120_000 }, async () => {
  const found = await play(neverOpens)
  expect(found.openedAfterSeconds).toBeNaN()
  expect(found.reached).toBeGreaterThan(50)
})
