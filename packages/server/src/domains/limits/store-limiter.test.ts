import { describe, expect, test } from 'vitest'
import { createMemoryLimiter } from '../../adapters/rate-limiter/index.ts'
import type { Clock } from '../../kernel/clock.ts'
import { rateLimiterSuite, sharedLimiterSuite } from '../../testing/rate-limiter.suite.ts'
import { testSubjects } from '../../testing/sealer.ts'
import { describeEachEngine, openTestStore } from '../../testing/server-database.ts'
import { createKeptLimiter } from './kept-limiter.ts'
import { createStoreLimiter } from './store-limiter.ts'

describeEachEngine('limits that are counted in the store', (dialect) => {
  const open = async () => {
    const store = await openTestStore(dialect)
    return { open: (clock: Clock) => createStoreLimiter({ database: store.database, subjects: testSubjects, clock }), [Symbol.asyncDispose]: () => store[Symbol.asyncDispose]() }
  }
  rateLimiterSuite(dialect, open, 8)
  sharedLimiterSuite(dialect, open)

  test('counts whose window is over are removed, and others stay', async () => {
    await using store = await openTestStore(dialect)
    let at = 1_700_000_000_000
    const limiter = createStoreLimiter({ database: store.database, subjects: testSubjects, clock: { now: () => at, monotonic: () => at } })
    const rule = (windowSeconds: number) => ({ name: 'kept', key: 'a', count: 5, windowSeconds })
    await limiter.take([rule(60), rule(3_600)])
    at += 120_000
    await limiter.forget()
    expect(await store.database.read.selectFrom('rate_slot').select('rule').execute()).toEqual([{ rule: 'kept:3600' }])
  })
})

describe('limits that memory judges and the embedded store keeps', () => {
  const keptOver = async () => {
    const store = await openTestStore('sqlite')
    return { store, open: (clock: Clock) => createKeptLimiter({ database: store.database, subjects: testSubjects, clock, local: createMemoryLimiter({ monotonic: clock.now }) }), [Symbol.asyncDispose]: () => store[Symbol.asyncDispose]() }
  }
  rateLimiterSuite('kept', keptOver, 15)

  test('the process after this one sees what was counted before the clock was set back a little', async () => {
    await using at = await keptOver()
    let now = 1_700_000_040_001 - 1_700_000_040_001 % 60_000 + 1
    const clock = { now: () => now, monotonic: () => now }
    const rule = { name: 'set-back', key: 'a', count: 1, windowSeconds: 3_600 }
    await at.open(clock).take([rule])
    await at.store.database.write([])
    now -= 2
    expect((await at.open(clock).take([rule])).refused).not.toBeNull()
  })

  test('the process after this one goes on where it ended, for each limit its own window', async () => {
    await using at = await keptOver()
    let now = 1_700_000_000_000
    const clock = { now: () => now, monotonic: () => now }
    const [hour, minute] = [3_600, 60].map((windowSeconds) => ({ name: `kept-${windowSeconds}`, key: 'a', count: 5, windowSeconds }))
    if (hour === undefined || minute === undefined) throw new Error('There are two.')
    const before = at.open(clock)
    for (let event = 0; event < 5; event += 1) { expect((await before.take([hour, minute])).refused).toBeNull(); now += 10_000 }
    await at.store.database.write([])
    const after = at.open(clock)
    expect((await after.look([hour, minute])).standings.map(({ remaining }) => remaining)).toEqual([0, 0])
    now += 60_000
    expect((await after.look([hour, minute])).standings.map(({ remaining }) => remaining)).toEqual([0, 5])
    expect((await after.take([hour])).refused).not.toBeNull()
  })

  test('what is written after an event was counted is durable only with its count', async () => {
    await using at = await keptOver()
    const clock = { now: () => 1_700_000_000_000, monotonic: () => 0 }
    const limiter = at.open(clock)
    await Promise.all(Array.from({ length: 20 }, async () => limiter.take([{ name: 'ordered', key: 'a', count: 50, windowSeconds: 3_600 }])))
    await at.store.database.write([{ query: at.store.database.read.deleteFrom('sent_mail').compile() }])
    expect(await at.store.database.read.selectFrom('rate_slot').select('count').execute()).toEqual([{ count: 20 }])
  })
})
