import { expect, test } from 'vitest'
import { chooseKept } from './retention.ts'

const DAY = 86_400_000
const at = (milliseconds: number) => ({ madeAt: new Date(milliseconds).toISOString() })
const now = Date.parse('2026-11-21T03:00:00Z')
const kept = { daily: 7, weekly: 5, monthly: 12 }

test('two years of daily backups shrink to days, weeks and months', () => {
  const items = Array.from({ length: 730 }, (_, index) => at(now - index * DAY))
  const chosen = [...chooseKept(items, kept, now)]
  expect(chosen.length).toBeGreaterThanOrEqual(7 + 4 + 10)
  expect(chosen.length).toBeLessThanOrEqual(7 + 5 + 12)
  expect(chosen).toContain(items[0])
  for (let index = 0; index < 7; index += 1) expect(chosen).toContain(items[index])
  expect(Math.max(...chosen.map(({ madeAt }) => (now - Date.parse(madeAt)) / DAY))).toBeGreaterThan(320)
})
test('what is chosen stays chosen when it is chosen among again', () => {
  const items = Array.from({ length: 200 }, (_, index) => at(now - index * DAY))
  const once = [...chooseKept(items, kept, now)]
  expect([...chooseKept(once, kept, now)].toSorted()).toEqual(once.toSorted())
})
test('all of the last day stay, and of an older day the newest', () => {
  const [morning, noon] = [at(now - 3 * DAY - 3_600_000), at(now - 3 * DAY)]
  const today = [at(now), at(now - 3_600_000), at(now - 7_200_000)]
  const chosen = chooseKept([...today, noon, morning], { daily: 7, weekly: 1, monthly: 1 }, now)
  expect([...today, noon].every((item) => chosen.has(item))).toBe(true)
  expect(chosen.has(morning)).toBe(false)
})
test('what a clock that was ahead dated stays, and takes nobody\'s place', () => {
  const ahead = Array.from({ length: 30 }, (_, index) => at(now + (400 - index) * DAY))
  const items = Array.from({ length: 730 }, (_, index) => at(now - index * DAY))
  expect([...chooseKept([...ahead, ...items], kept, now)].filter((item) => !ahead.includes(item)).toSorted()).toEqual([...chooseKept(items, kept, now)].toSorted())
  expect(ahead.every((item) => chooseKept([...ahead, ...items], kept, now).has(item))).toBe(true)
})
test('a server that was off for years loses none of its last backups', () => {
  const items = [at(now - 900 * DAY), at(now - 901 * DAY), at(now - 902 * DAY)]
  expect(chooseKept(items, kept, now).size).toBe(3)
})
