import type { Clock } from '../../../kernel/clock.ts'
import { SLOTS, toldStep, type RateRule, type RateStanding, type ToldUse } from '../../../kernel/rates.ts'

const KEPT_KEYS = 100_000
/** What is told and what is answered comes over two connections: of two within this time the greater holds. */
const TOGETHER_MILLISECONDS = 1_000

/** What of a key's limit may have been used when the shared limiter last said something of it, when that was, and until when it counts. */
interface Known { readonly used: number; readonly at: number; readonly until: number }

/** What the processes together have used of each limit, as far as the shared limiter has told this one. Bounded. */
export function createKnownUses(clock: Pick<Clock, 'monotonic'>) {
  const known = new Map<string, Known>()
  const note = (id: string, { used, at, until }: Known) => {
    const before = known.get(id)
    const isBeside = before !== undefined && at - before.at < TOGETHER_MILLISECONDS
    known.delete(id)
    if (known.size >= KEPT_KEYS) known.delete(known.keys().next().value ?? '')
    known.set(id, isBeside ? { used: Math.max(used, before.used), at, until: Math.max(until, before.until) } : { used, at, until })
  }
  return {
    /** What was answered to this process. Others may take a few more before all are told of it. */
    noteAnswer({ rule: { name, key, count }, remaining, resetSeconds }: RateStanding): void {
      const at = clock.monotonic()
      note(`${name}\n${key}`, { used: count - remaining + toldStep(count) - 1, at, until: at + resetSeconds * 1_000 })
    },
    /** What was told to all. */
    noteTold({ name, key, windowSeconds, used }: ToldUse): void {
      const at = clock.monotonic()
      note(`${name}\n${key}`, { used, at, until: at + windowSeconds * 1_000 * (1 + 2 / SLOTS) })
    },
    /** The most that may be used of a limit. */
    usedOf({ name, key }: RateRule): number {
      const found = known.get(`${name}\n${key}`)
      return found === undefined || found.until <= clock.monotonic() ? 0 : found.used
    },
  }
}
