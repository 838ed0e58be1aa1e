import * as z from 'zod'
import { DeploymentEnvironment, idOf, Moment } from './common.ts'

/** A provider's key as it is given; it is never shown again. */
export const ProviderKey = z.string().trim().min(8).max(4_000).describe('Write-only')
export const CredentialState = z.enum(['active', 'standby', 'retiring', 'revoked'])
export type CredentialState = z.output<typeof CredentialState>

/** Why a program that makes a provider's keys gave none that could be taken, or did not end one. */
export const HookReason = z.enum(['unsafe-program', 'not-started', 'timed-out', 'failed', 'no-key', 'not-new', 'refused-key', 'provider-unavailable', 'changed-meanwhile'])
export type HookReason = z.output<typeof HookReason>

const Count = z.int().nonnegative()
export const ProviderCredential = z.strictObject({
  id: idOf('providerCredential'), version: z.int().positive(), environment: DeploymentEnvironment.describe('What kind of server it was added for; it is refused in another'), state: CredentialState.describe('active: used for every call; standby: takes over when the active one is refused; retiring: no longer used, and can be put back for some days; revoked: destroyed'),
  createdAt: Moment, activatedAt: Moment.nullable(), retiredAt: Moment.nullable(), revokedAt: Moment.nullable(), expiresAt: Moment.nullable().describe('When the provider lets it end, if that is known'),
  rejectedAt: Moment.nullable().describe('When the provider refused it'), lastUsedAt: Moment.nullable(), calls: Count, inputTokens: Count, outputTokens: Count, costMicros: Count.describe('In millionths of the currency of the prices'),
  advice: z.array(z.enum(['rotate', 'expires-soon', 'expired', 'rejected', 'no-standby', 'other-environment', 'hook-failed', 'not-revoked-there'])),
  hook: z.strictObject({ verb: z.enum(['rotate', 'revoke']), failures: Count, reason: HookReason, failedAt: Moment.nullable(), nextTryAt: Moment.nullable() }).nullable().describe('What the program of this provider could not do: put a new key in its place, or end it at the provider'),
})
export type ProviderCredential = z.output<typeof ProviderCredential>
export const ProviderCredentialRequest = z.strictObject({
  credential: ProviderKey, environment: DeploymentEnvironment.optional().describe('What it is for; refused where the server is for something else, and that of the server when left out'), expiresAt: Moment.optional(), activate: z.boolean().optional().describe('Use it at once; the present one is kept for some days. Otherwise it stands by'),
})
export const ProviderCredentialList = z.strictObject({ items: z.array(ProviderCredential), environment: DeploymentEnvironment.describe('What this server is for'), hasHook: z.boolean().describe('Whether a program of the operator makes its keys') })
export type ProviderCredentialList = z.output<typeof ProviderCredentialList>
