import { expect, test } from 'vitest'
import { mostInAWindow, loseRedis, forgetful, redisLost, uninsured } from './redis.ts'

const note = () => { /* the figures are told by `npm run faults` */ }
const reason = redisLost.hindrance()
/** All of it within one window: what is let in must fit one limit. */
const scale = 0.1

test.skipIf(reason !== null)('while Redis is killed, comes back empty and hangs, no request fails, and two servers together give no more than the limit', { timeout: 180_000 }, async () => {
  const found = await loseRedis({ note }, { scale })
  expect(found.failures).toEqual([])
  expect(mostInAWindow(found.letIn)).toBeLessThanOrEqual(240)
  expect(found.refused).toBeGreaterThan(0)
})

test.skipIf(reason !== null)('servers that lean on Redis alone are found out', { timeout: 180_000 }, async () => {
  expect((await loseRedis({ note }, { scale: 0.05, patches: uninsured })).failures.length).toBeGreaterThan(0)
})

test.skipIf(reason !== null)('servers that begin to count anew without Redis are found out', { timeout: 180_000 }, async () => {
  expect(mostInAWindow((await loseRedis({ note }, { scale, patches: forgetful })).letIn)).toBeGreaterThan(240)
})
