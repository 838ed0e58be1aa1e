/** From where on `doctor` speaks up. */
export const doctorLimits = {
  /** A certificate that ends so soon is a warning, then a problem. */
  certificateDays: { warning: 21, problem: 7 },
  /** Two clocks may be so far apart: one-time codes and tokens bear half a minute. */
  clockSeconds: 30,
  /** Free room on the disk of the data. */
  freeBytes: { warning: 2_147_483_648, problem: 268_435_456 },
  connectMilliseconds: 5_000,
} as const
