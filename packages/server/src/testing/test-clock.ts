import type { Clock } from '../kernel/clock.ts'

/** A clock that runs with the wall's, and jumps ahead or stands still when a test says so. */
export interface TestClock extends Clock {
  advance(milliseconds: number): void
  /** From now on it moves by `advance` alone. */
  stop(): void
}

/** A clock that runs until it is stopped. */
export function createTestClock(): TestClock {
  let ahead = 0
  let stoppedAt: { readonly wall: number; readonly monotonic: number } | null = null
  return {
    now: () => (stoppedAt?.wall ?? Date.now()) + ahead,
    monotonic: () => (stoppedAt?.monotonic ?? performance.now()) + ahead,
    advance: (milliseconds) => { ahead += milliseconds },
    stop: () => { stoppedAt ??= { wall: Date.now(), monotonic: performance.now() } },
  }
}
