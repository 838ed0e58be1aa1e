import type { Tunable } from './limits.ts'

/** How many backups stay: the newest of so many days, weeks and months (DAT-3). */
export const keptBackups = {
  daily: { default: 7, min: 1, max: 366 },
  weekly: { default: 5, min: 1, max: 520 },
  monthly: { default: 12, min: 1, max: 240 },
} as const satisfies Record<string, Tunable>

/**
 * Lives of what is stored (PRI-3), from the last change on: conversations that are kept, ephemeral ones, documents of people's own, and security
 * events. What is due is removed so many rows, or documents with all of their passages, at a time, by one who looks so often. What removed text
 * left in the word indexes' own storage is taken out once in so long.
 */
export const conversationDays = { default: 3_650, min: 1, max: 36_500 } as const satisfies Tunable
export const ephemeralMinutes = { default: 90, min: 5, max: 43_200 } as const satisfies Tunable
export const documentDays = { default: 3_650, min: 1, max: 36_500 } as const satisfies Tunable
/**
 * The audit log is kept for a year at least, whatever is set: twelve months are what PCI DSS 4.0 (10.5.1) asks for, and more than the six of the AI Act
 * (articles 19 and 26). The function that cuts it on PostgreSQL has the same number.
 */
export const auditDays = { default: 3_650, min: 365, max: 36_500 } as const satisfies Tunable
/** So many entries are cut off at a time, and only when so much time's worth of them is due. */
export const auditExpiry = { rows: 5_000, worthMilliseconds: 86_400_000 } as const
export const securityEventDays = { default: 365, min: 30, max: 3_650 } as const satisfies Tunable
/** For so long names of a day in the log of operation can be resolved: then the keys that they were made with are gone. */
export const dayNameDays = { default: 30, min: 1, max: 365 } as const satisfies Tunable
/** A store that a restore laid aside is removed after so long. */
export const formerStoreDays = { default: 30, min: 1, max: 365 } as const satisfies Tunable
export const expiry = { rows: 200, documents: 10, lookMilliseconds: 10 * 60_000, purgeMilliseconds: 86_400_000 } as const

/** An export of what is held on somebody lies so long, and tells its progress every so many rows (PRI-4). */
export const dataExport = { lifeSeconds: 24 * 60 * 60, tellRows: 1_000 } as const

/** How long after the last good backup the next one is made, and how soon after a failed one. */
export const backupEvery = { default: 24, min: 1, max: 168 } as const satisfies Tunable
export const backupRetryHours = 1
/** A backup is late when so many times the usual hours have passed. */
export const backupLateFactor = 2
/** A kept backup is read again so often, the one first that nobody read for longest; sooner where there are so many that not all would have their turn within the days. */
export const backupCheck = { everyHours: 24, withinDays: 30 } as const
