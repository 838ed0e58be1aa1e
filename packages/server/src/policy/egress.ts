import type { EgressRules } from '../kernel/egress.ts'

interface Range { readonly default: number; readonly min: number; readonly max: number }

/** How long and how much an outbound call may take (PRV-3, PRV-7). Settings pick a value inside the range. */
export const egressLimits = {
  connectSeconds:       { default: 5,          min: 1,      max: 30 },
  firstByteSeconds:     { default: 30,         min: 1,      max: 600 },
  wholeAnswerSeconds:   { default: 120,        min: 1,      max: 3_600 },
  idleSeconds:          { default: 30,         min: 1,      max: 600 },
  totalSeconds:         { default: 300,        min: 5,      max: 3_600 },
  responseBytes:        { default: 16_777_216, min: 65_536, max: 268_435_456 },
  connectionsPerOrigin: { default: 512,        min: 1,      max: 4_096 },
} as const satisfies Record<string, Range>

/** Where an outbound call may go beside the address it was given (PRV-8). Everything else about an address is in `kernel/egress-address.ts`. */
export const egressRedirects = { methods: ['GET'], max: 3 } as const

/** Whether a credential may cross the open internet unencrypted. @risk Anyone on the way reads and changes what is asked and answered. */
export const unsafelyAllowPlainHttpToPublicAddresses = false

/** How often a model is asked, and how long it is waited for in between (PRV-4). Whoever asks for more patience than that is not asked again: the caller is told when to come back. */
export const retryRules = { tries: 3, firstPauseMilliseconds: 150, patienceMilliseconds: 500 } as const

/** When a provider is left alone, for how long, and how many calls it may have at once (PRV-5). */
export const resilienceLimits = {
  breakerFailures: { default: 10, min: 2, max: 1_000_000 },
  breakerSeconds: { default: 15, min: 1, max: 3_600 },
  callsAtOnce: { default: 256, min: 1, max: 4_096 },
} as const satisfies Record<string, Range>

/** The rules that hold while no setting says otherwise. */
export const defaultEgressRules: EgressRules = {
  connectSeconds: egressLimits.connectSeconds.default,
  firstByteSeconds: egressLimits.firstByteSeconds.default,
  wholeAnswerSeconds: egressLimits.wholeAnswerSeconds.default,
  idleSeconds: egressLimits.idleSeconds.default,
  totalSeconds: egressLimits.totalSeconds.default,
  responseBytes: egressLimits.responseBytes.default,
  connectionsPerOrigin: egressLimits.connectionsPerOrigin.default,
  redirects: egressRedirects,
  unsafelyAllowPlainHttpToPublicAddresses,
}
