/** Where the time comes from. Tests set it; nothing else in the server asks `Date`. */
export interface Clock {
  /** Milliseconds since the epoch, from the wall. May jump. */
  now(): number
  /** Milliseconds that never go back, for durations. */
  monotonic(): number
}

export const systemClock: Clock = { now: () => Date.now(), monotonic: () => performance.now() }

/** RFC 3339 in UTC. */
export const toMoment = (milliseconds: number): string => new Date(milliseconds).toISOString()
