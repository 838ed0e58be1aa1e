/** Where the time comes from. Tests set it; nothing else in the server asks `Date`. */
export interface Clock {
  /** Milliseconds since the epoch, from the wall. May jump. */
  now(): number
  /** Milliseconds that never go back, for durations. */
  monotonic(): number
}

export const systemClock: Clock = { now: () => Date.now(), monotonic: () => performance.now() }

/** Clocks of processes that share a store, and one clock before and after it was set, may differ by so much. */
const DIFFER_MILLISECONDS = 300_000

/** Whether a moment that was written down lies ahead of the clock: the clock that wrote it was wrong, or this one is. Schedules must not wait for it. */
export const liesAhead = (moment: number, now: number): boolean => moment > now + DIFFER_MILLISECONDS

/** Whether something is due again that was done last at `last`: after the interval, and at once where that moment lies ahead. */
export const isDueAgain = (last: number, now: number, intervalMilliseconds: number): boolean => now - last >= intervalMilliseconds || liesAhead(last, now)

/** RFC 3339 in UTC. */
export const toMoment = (milliseconds: number): string => new Date(milliseconds).toISOString()
