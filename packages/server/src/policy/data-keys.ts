import type { Tunable } from './limits.ts'

/** How often all data keys are replaced by themselves, in days (SEC-10). */
export const dataKeyDays = { default: 365, min: 1, max: 3_650 } as const satisfies Tunable

/**
 * How data keys are rotated (SEC-10). A new version is made known to every process before one of them seals with it: those that share a store
 * hear of it four times a second, and whoever is late asks the store. Values are sealed anew so many rows at a time. A former version is
 * retired when no row needs it, and not before the longest life of a value that is sealed outside the store has passed.
 */
export const dataKeyRotation = { hearMilliseconds: 2_000, owners: 200, rows: 100, retireAfterSeconds: 3_600, lookSeconds: 60 } as const
