import { liesAhead } from '../../kernel/clock.ts'

const DAY_MILLISECONDS = 86_400_000

export interface Kept { readonly daily: number; readonly weekly: number; readonly monthly: number }

/**
 * Which backups stay: all of the last 24 hours, and the newest of each of the last days, weeks and months that have one, in UTC. Days and weeks without a backup take no
 * place, so that a server that was off for long loses none. One that is dated ahead of the clock, because a clock was wrong, takes nobody's place
 * and stays until its date has come.
 */
export function chooseKept<Item extends { readonly madeAt: string }>(items: readonly Item[], kept: Kept, now: number): ReadonlySet<Item> {
  const ahead = items.filter(({ madeAt }) => liesAhead(Date.parse(madeAt), now))
  const newestFirst = items.filter((item) => !ahead.includes(item)).toSorted((left, right) => (left.madeAt < right.madeAt ? 1 : -1))
  const chosen = new Set<Item>([...ahead, ...newestFirst.slice(0, 1), ...newestFirst.filter(({ madeAt }) => now - Date.parse(madeAt) < DAY_MILLISECONDS)])
  const keep = (count: number, periodOf: (milliseconds: number) => string) => {
    const seen = new Set<string>()
    for (const item of newestFirst) {
      const period = periodOf(Date.parse(item.madeAt))
      if (seen.has(period)) continue
      if (seen.size >= count) break
      seen.add(period)
      chosen.add(item)
    }
  }
  keep(kept.daily, (at) => new Date(at).toISOString().slice(0, 10))
  // The epoch was a Thursday: three days on, weeks begin on Monday.
  keep(kept.weekly, (at) => String(Math.floor((at / DAY_MILLISECONDS + 3) / 7)))
  keep(kept.monthly, (at) => new Date(at).toISOString().slice(0, 7))
  return chosen
}
