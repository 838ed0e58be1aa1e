import type { Tunable } from './limits.ts'

/** How many backups stay: the newest of so many days, weeks and months (DAT-3). */
export const keptBackups = {
  daily: { default: 7, min: 1, max: 366 },
  weekly: { default: 5, min: 1, max: 520 },
  monthly: { default: 12, min: 1, max: 240 },
} as const satisfies Record<string, Tunable>

/** How long after the last good backup the next one is made, and how soon after a failed one. */
export const backupEvery = { default: 24, min: 1, max: 168 } as const satisfies Tunable
export const backupRetryHours = 1
