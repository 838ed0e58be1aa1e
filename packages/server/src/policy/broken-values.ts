/**
 * Sealed values that do not open (SEC-3): how often those that were met are looked at again and told, and how many at a time, so that a disk
 * that fails is some events at a time and not a flood. `kept` bounds how many are remembered in memory; which were told is in the store.
 */
export const brokenValues = { tellSeconds: 10, atOnce: 25, kept: 10_000 } as const
