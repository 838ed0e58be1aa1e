/** The lives of providers' keys (SEC-7), in days: when to replace one, when to tell of its end, and for how long one that was replaced can be put back. */
export const providerCredentials = { rotateAfterDays: 30, expiresSoonDays: 14, retireDays: 7, countSeconds: 10, mostVersions: 50 } as const
