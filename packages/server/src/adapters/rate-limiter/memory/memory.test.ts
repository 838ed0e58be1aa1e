import { expect, test } from 'vitest'
import { rateLimiterSuite } from '../../../testing/rate-limiter.suite.ts'
import { createMemoryLimiter } from './index.ts'

rateLimiterSuite('memory', () => Promise.resolve({ open: (clock) => createMemoryLimiter(clock), [Symbol.asyncDispose]: () => Promise.resolve() }), 200)

test('no number of addresses makes it forget what an account or a key has used', () => {
  const limiter = createMemoryLimiter({ monotonic: () => 0 })
  const [account, key] = (['account', 'key'] as const).map((kind) => ({ name: 'turn', key: kind, kind, count: 1, windowSeconds: 60 }))
  if (account === undefined || key === undefined) throw new Error('There are two.')
  limiter.take([account, key])
  for (let network = 0; network < 45_000; network += 1) limiter.take([{ name: 'address', key: String(network), kind: 'address', count: 1, windowSeconds: 60 }])
  expect([limiter.take([account]).refused === null, limiter.take([key]).refused === null]).toEqual([false, false])
})

test('memory is bounded by forgetting who came first', () => {
  const limiter = createMemoryLimiter({ monotonic: () => 0 })
  const rule = (key: number) => ({ name: 'many', key: String(key), count: 1, windowSeconds: 60 })
  for (let key = 0; key <= 40_000; key += 1) limiter.take([rule(key)])
  expect(limiter.take([rule(40_000)]).refused).not.toBeNull()
  expect(limiter.take([rule(0)]).refused).toBeNull()
})
