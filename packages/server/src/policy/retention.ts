import type { Tunable } from './limits.ts'

/** How many backups stay: the newest of so many days, weeks and months (DAT-3). */
export const keptBackups = {
  daily: { default: 7, min: 1, max: 366 },
  weekly: { default: 5, min: 1, max: 520 },
  monthly: { default: 12, min: 1, max: 240 },
} as const satisfies Record<string, Tunable>

/**
 * Lives of what is stored (PRI-3), from the last change on: conversations that are kept, ephemeral ones, and security events. What is due is
 * removed so many rows at a time.
 */
export const conversationDays = { default: 3_650, min: 1, max: 36_500 } as const satisfies Tunable
export const ephemeralHours = { default: 24, min: 1, max: 720 } as const satisfies Tunable
export const securityEventDays = { default: 365, min: 30, max: 3_650 } as const satisfies Tunable
export const expiry = { rows: 200 } as const

/** An export of what is held on somebody lies so long, and tells its progress every so many rows (PRI-4). */
export const dataExport = { lifeSeconds: 24 * 60 * 60, tellRows: 1_000 } as const

/** How long after the last good backup the next one is made, and how soon after a failed one. */
export const backupEvery = { default: 24, min: 1, max: 168 } as const satisfies Tunable
export const backupRetryHours = 1
/** A backup is late when so many times the usual hours have passed. */
export const backupLateFactor = 2
