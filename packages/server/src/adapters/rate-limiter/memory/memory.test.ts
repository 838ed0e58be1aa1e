import { expect, test } from 'vitest'
import { rateLimiterSuite } from '../../../testing/rate-limiter.suite.ts'
import { createMemoryLimiter } from './index.ts'

rateLimiterSuite('memory', () => Promise.resolve({ open: (clock) => createMemoryLimiter(clock), [Symbol.asyncDispose]: () => Promise.resolve() }), 200)

test('memory is bounded by forgetting who came first', () => {
  const limiter = createMemoryLimiter({ monotonic: () => 0 })
  const rule = (key: number) => ({ name: 'many', key: String(key), count: 1, windowSeconds: 60 })
  for (let key = 0; key <= 40_000; key += 1) limiter.take([rule(key)])
  expect(limiter.take([rule(40_000)]).refused).not.toBeNull()
  expect(limiter.take([rule(0)]).refused).toBeNull()
})
