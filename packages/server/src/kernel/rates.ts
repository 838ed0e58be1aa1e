/** One limit for one key: so many events in any window of so many seconds. */
export interface RateRule {
  /** The limit's name: what `RateLimit-Policy` calls it. */
  readonly name: string
  /** Whose events are counted together. */
  readonly key: string
  readonly count: number
  /** What the key is of, where it is of somebody. */
  readonly kind?: 'address' | 'account' | 'key'
  /** What the count is without what is held against them; absent where nothing is. */
  readonly usually?: number
  readonly windowSeconds: number
}

/** How a key stands with one limit. */
export interface RateStanding {
  readonly rule: RateRule
  readonly remaining: number
  /** When nothing of what is counted now will count any more. */
  readonly resetSeconds: number
  /** When one more event has room; 0 where it has room now. */
  readonly retryAfterSeconds: number
}

/** What a limiter says. `refused` is the limit that had no room; then none of them has counted anything. */
export interface RateVerdict { readonly refused: RateStanding | null; readonly standings: readonly RateStanding[] }

/** A window is counted in so many slots. One more is kept, so that no window, wherever it begins, holds more than it may; an event is forgotten a slot late at most. */
export const SLOTS = 60

/** Of a limit of so many, a shared store tells all processes at every so many events, and at the first of each slot: between, nobody knows of more than one fewer. */
export const TOLD_PARTS = 8
export const toldStep = (count: number): number => Math.max(1, Math.floor(count / TOLD_PARTS))

/** What a shared store told of a key: no more than so many were counted in its window. */
export interface ToldUse { readonly name: string; readonly key: string; readonly windowSeconds: number; readonly used: number }

/** The slot of a moment. */
export const slotAt = (now: number, windowSeconds: number): number => Math.floor((now * SLOTS) / (windowSeconds * 1_000))
/** Milliseconds from a moment until nothing of a slot counts any more. */
const untilGone = (slot: number, { windowSeconds }: RateRule, now: number): number => ((slot + SLOTS + 1) * windowSeconds * 1_000) / SLOTS - now

/** Slots of another time: forgotten ones, and those that a clock which has jumped back left in the future. */
export const isLive = (slot: number, current: number): boolean => slot >= current - SLOTS && slot <= current + SLOTS

/** Living slots with what was counted in them, in the order of time. */
export type Slots = readonly (readonly [slot: number, count: number])[]

const sumOf = (slots: Slots) => slots.reduce((sum, [, count]) => sum + count, 0)

/** How a key stands. */
export function standingOf(rule: RateRule, slots: Slots, now: number): RateStanding {
  const used = sumOf(slots)
  const newest = slots.at(-1)
  return {
    rule, remaining: Math.max(0, rule.count - used),
    resetSeconds: newest === undefined ? 0 : toSeconds(untilGone(newest[0], rule, now)),
    retryAfterSeconds: used < rule.count ? 0 : toSeconds(untilRoom(rule, slots, { used, now })),
  }
}

function untilRoom(rule: RateRule, slots: Slots, { used, now }: { readonly used: number; readonly now: number }): number {
  let left = used
  for (const [slot, count] of slots) {
    left -= count
    if (left < rule.count) return untilGone(slot, rule, now)
  }
  return rule.windowSeconds * 1_000
}

const toSeconds = (milliseconds: number) => Math.max(1, Math.ceil(milliseconds / 1_000 - 0.000_5))

/** What a shared store found, before it counted, as a verdict: where all had room, with the event that `counts`. */
export function verdictOf(rules: readonly RateRule[], living: readonly Slots[], { now, counts }: { readonly now: number; readonly counts: boolean }): RateVerdict {
  const refused = rules.findIndex(({ count }, index) => sumOf(living[index] ?? []) >= count)
  const standings = rules.map((rule, index) => {
    const slots = living[index] ?? []
    return standingOf(rule, counts && refused < 0 ? withOneMore(slots, slotAt(now, rule.windowSeconds)) : slots, now)
  })
  return { refused: standings[refused] ?? null, standings }
}

function withOneMore(slots: Slots, current: number): Slots {
  const others = slots.filter(([slot]) => slot !== current)
  const now = slots.find(([slot]) => slot === current)?.[1] ?? 0
  return [...others, [current, now + 1] as const].toSorted(([one], [other]) => one - other)
}
