import { expect, test } from 'vitest'
import { flood, takesAll } from './overload.ts'

const note = () => { /* the figures are told by `npm run faults` */ }

test('in a flood the server answers or says when to come back; health, sign-in and a running stream go on', { timeout: 180_000 }, async () => {
  const found = await flood({ note }, { seconds: 3 })
  expect(found).toMatchObject({ withoutRetryAfter: 0, other: [], streamIsWhole: true })
  expect(found.shed).toBeGreaterThan(0)
  expect([...found.health, ...found.signIns].every((time) => Number.isFinite(time))).toBe(true)
})

test('a server that gives nothing up is found out', { timeout: 180_000 }, async () => {
  expect((await flood({ note }, { seconds: 2, patches: takesAll })).shed).toBe(0)
})
