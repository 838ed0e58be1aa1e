import * as z from 'zod'
import { idOf, Moment } from './common.ts'

/** A provider's key as it is given; it is never shown again. */
export const ProviderKey = z.string().trim().min(8).max(4_000).describe('Write-only')
export const CredentialState = z.enum(['active', 'standby', 'retiring', 'revoked'])
export type CredentialState = z.output<typeof CredentialState>

const Count = z.int().nonnegative()
export const ProviderCredential = z.strictObject({
  id: idOf('providerCredential'), version: z.int().positive(), state: CredentialState.describe('active: used for every call; standby: takes over when the active one is refused; retiring: no longer used, and can be put back for some days; revoked: destroyed'),
  createdAt: Moment, activatedAt: Moment.nullable(), retiredAt: Moment.nullable(), revokedAt: Moment.nullable(), expiresAt: Moment.nullable().describe('When the provider lets it end, if that is known'),
  rejectedAt: Moment.nullable().describe('When the provider refused it'), lastUsedAt: Moment.nullable(), calls: Count, inputTokens: Count, outputTokens: Count,
  advice: z.array(z.enum(['rotate', 'expires-soon', 'expired', 'rejected', 'no-standby'])),
})
export type ProviderCredential = z.output<typeof ProviderCredential>
export const ProviderCredentialRequest = z.strictObject({
  credential: ProviderKey, expiresAt: Moment.optional(), activate: z.boolean().optional().describe('Use it at once; the present one is kept for some days. Otherwise it stands by'),
})
export const ProviderCredentialList = z.strictObject({ items: z.array(ProviderCredential) })
