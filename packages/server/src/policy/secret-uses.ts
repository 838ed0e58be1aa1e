/** Secrets that are kept sealed, by the column that keeps them. Whose seed it was is not counted: that a sign-in needs one is in the audit log. */
export const sealedSecrets = {
  'provider.credential_sealed': 'provider-key', 'provider_credential.credential_sealed': 'provider-key', 'identity_provider.client_secret_sealed': 'identity-provider',
  'signing_key.private_sealed': 'signing-key', 'factor.secret_sealed': 'second-factor', 'day_name_key.key_sealed': 'day-name-key',
} as const
export type SecretKind = (typeof sealedSecrets)[keyof typeof sealedSecrets] | 'setting' | 'data-key'

/** How reads of secrets are added up, in seconds (SEC-8): written down, made one row of the audit log each, and how long both are kept beside it. */
export const secretUse = { writeSeconds: 10, intervalSeconds: 3_600, graceSeconds: 60, keptSeconds: 14 * 86_400, accounts: 5 } as const

/**
 * When the use of one secret in an interval is a jump: above `factor` times what is usual for it, and above the floor. Usual is what its busier
 * intervals have: that share of those in which it was used at all lies below. So nights and week-ends do not lower it. One that has not been used in so many
 * intervals has no usual use; it is looked at only above `withoutUsual`, so that the first day of a key is quiet and a forgotten key that is plundered is not.
 */
export const secretJump = { factor: 5, share: 0.9, leastIntervals: 24, floor: { reads: 200, tokens: 200_000 }, withoutUsual: { reads: 3_000, tokens: 5_000_000 } } as const
export type UseMeasure = keyof typeof secretJump.floor
