import type { Tunable } from './limits.ts'

/** The lives of providers' keys (SEC-7), in days: when to replace one, when to tell of its end, and for how long one that was replaced can be put back. */
export const providerCredentials = { rotateAfterDays: 30, expiresSoonDays: 14, retireDays: 7, countSeconds: 10, mostVersions: 50 } as const
/**
 * Programs that replace providers' keys: how often it is looked whether one is due, how long after a failure it waits at first and at most, in
 * seconds, how often a revocation at the provider is tried, and how much a program may print.
 */
export const rotationHooks = { lookSeconds: 300, firstWaitSeconds: 300, mostWaitSeconds: 86_400, revokeTries: 8, outputBytes: 8_192, claimMarginSeconds: 120 } as const
/** How long such a program may take. */
export const hookSeconds = { default: 60, min: 1, max: 600 } as const satisfies Tunable
/** How long to wait after so many failures in a row. */
export const waitAfterHook = (failures: number): number => Math.min(rotationHooks.mostWaitSeconds, rotationHooks.firstWaitSeconds * 2 ** Math.max(0, failures - 1)) * 1_000
