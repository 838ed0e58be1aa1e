import type { Clock } from '../../../kernel/clock.ts'
import { SLOTS, slotAt, standingOf, type RateRule, type RateVerdict } from '../../../kernel/rates.ts'
import type { LocalLimiter } from '../../../ports/rate-limiter.ts'

/** Of people and programs, and apart from them of addresses and all else: anybody can have as many addresses as they like, and nobody so many accounts. */
const KEPT_KEYS = 40_000
/** A sweep makes this much room at least, so that a full table does not sweep at every event. */
const SWEEP_TO = 36_000
const LENGTH = SLOTS + 1

interface Window { readonly counts: Uint32Array; readonly windowSeconds: number; slot: number; sum: number }

/**
 * Counts in this process, for as long as it lives. Memory is bounded: every key takes the same, whatever its limit; idle keys are swept,
 * and if all are busy, those that came first are forgotten: addresses for addresses, so that no flood of these makes it forget an account.
 */
export function createMemoryLimiter(clock: Pick<Clock, 'monotonic'>): LocalLimiter {
  const people = new Map<string, Window>()
  const others = new Map<string, Window>()
  const tableOf = ({ kind }: RateRule) => (kind === 'account' || kind === 'key' ? people : others)

  const sweep = (windows: Map<string, Window>, now: number) => {
    for (const [id, { slot, windowSeconds }] of windows) if (slotAt(now, windowSeconds) - slot >= LENGTH) windows.delete(id)
    for (const id of windows.keys()) { if (windows.size <= SWEEP_TO) break; windows.delete(id) }
  }
  const open = (rule: RateRule, now: number): Window => {
    const { name, key, windowSeconds } = rule
    const windows = tableOf(rule)
    const id = `${name}\n${key}`
    const slot = slotAt(now, windowSeconds)
    let window = windows.get(id)
    if (window?.windowSeconds !== windowSeconds) {
      if (windows.size >= KEPT_KEYS) sweep(windows, now)
      window = { counts: new Uint32Array(LENGTH), windowSeconds, slot, sum: 0 }
      windows.set(id, window)
    }
    moveTo(window, slot)
    return window
  }
  const verdict = (rules: readonly RateRule[], now: number): { readonly opened: readonly Window[]; readonly refused: number } => {
    const opened = rules.map((rule) => open(rule, now))
    return { opened, refused: rules.findIndex(({ count }, index) => (opened[index]?.sum ?? 0) >= count) }
  }
  const tell = (rules: readonly RateRule[], opened: readonly Window[], { refused, now }: { readonly refused: number; readonly now: number }): RateVerdict => {
    const standings = rules.map((rule, index) => standingOf(rule, slotsOf(opened[index]), now))
    return { refused: standings[refused] ?? null, standings }
  }
  return {
    take(rules) {
      const now = clock.monotonic()
      const { opened, refused } = verdict(rules, now)
      if (refused < 0) opened.forEach(countOne)
      return tell(rules, opened, { refused, now })
    },
    look(rules) {
      const now = clock.monotonic()
      const { opened, refused } = verdict(rules, now)
      return tell(rules, opened, { refused, now })
    },
    note(rules) {
      const now = clock.monotonic()
      for (const rule of rules) countOne(open(rule, now))
    },
    knows: (rule) => tableOf(rule).get(`${rule.name}\n${rule.key}`)?.windowSeconds === rule.windowSeconds,
    seed(rule, slots) {
      const window = open(rule, clock.monotonic())
      // The clock may have been ahead when they were counted.
      moveTo(window, Math.max(window.slot, ...slots.map(([slot]) => slot)))
      for (const [slot, count] of slots) {
        if (slot > window.slot || slot < window.slot - SLOTS) continue
        window.counts[slot % LENGTH] = (window.counts[slot % LENGTH] ?? 0) + count
        window.sum += count
      }
    },
    close: () => Promise.resolve(),
  }
}

function moveTo(window: Window, slot: number): void {
  // A clock of the wall that was set back a little: it stands until it has caught up, and nothing is forgotten.
  if (slot < window.slot && slot >= window.slot - SLOTS) return
  // One that jumped back: what was counted is of no time that is known.
  if (slot < window.slot) { window.counts.fill(0); window.sum = 0 }
  const steps = Math.min(LENGTH, slot - window.slot)
  for (let step = 1; step <= steps; step += 1) {
    const place = (window.slot + step) % LENGTH
    window.sum -= window.counts[place] ?? 0
    window.counts[place] = 0
  }
  window.slot = slot
}

function countOne(window: Window): void {
  const place = window.slot % LENGTH
  window.counts[place] = (window.counts[place] ?? 0) + 1
  window.sum += 1
}

function slotsOf(window: Window | undefined): readonly (readonly [number, number])[] {
  if (window === undefined || window.sum === 0) return []
  const slots: (readonly [number, number])[] = []
  for (let slot = Math.max(0, window.slot - SLOTS); slot <= window.slot; slot += 1) {
    const count = window.counts[slot % LENGTH] ?? 0
    if (count > 0) slots.push([slot, count])
  }
  return slots
}
