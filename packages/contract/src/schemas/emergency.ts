import * as z from 'zod'
import { OneTimeLink } from './accounts.ts'
import { idOf } from './common.ts'
import { DataKeyRotation } from './data-keys.ts'

const Count = z.int().min(0)
export const EmergencyRequest = z.strictObject({
  keepKeys: z.array(idOf('key')).max(20).default([]).describe('API keys that go on, with their present value alone'),
  passwords: z.enum(['end', 'change', 'keep']).default('end').describe('end: none opens anything any more, and people set a new one with a link. change: each holds once more, for choosing a new one'),
  factors: z.enum(['remove', 'keep']).default('remove').describe('Passkeys, authenticator apps and recovery codes of everybody, and identities that were linked to accounts with a password'),
  providers: z.enum(['standby', 'remove', 'keep']).default('standby').describe('standby: keys that stand by take over, and former ones are destroyed. remove: stored providers go with all their keys'),
})
export type EmergencyRequest = z.output<typeof EmergencyRequest>
export const EmergencyCounts = z.strictObject({
  sessions: Count.describe('Browsers'), programs: Count.describe('Programs with refresh tokens'), keys: Count.describe('API keys, those of services too'), links: Count.describe('Links to another password or address'),
  invitations: Count, waiting: Count.describe('Sign-ins that wait for a second factor'), openings: Count.describe('Openings of others\' conversations'), passwords: Count, factors: Count, identities: Count.describe('Linked identities of accounts that have a password'),
  providerKeys: Count.describe('Keys of stored providers, in every version that is there'),
})
export type EmergencyCounts = z.output<typeof EmergencyCounts>
const Left = z.strictObject({ code: z.string().describe('Which of the things to do it is'), what: z.string(), names: z.array(z.string()) })
export const EmergencyPlan = z.strictObject({ holds: EmergencyCounts.describe('What there is now that an intruder could hold'), canMail: z.boolean().describe('Whether people can have themselves sent a link to a new password'), left: z.array(Left).describe('What only a person can do') })
export type EmergencyPlan = z.output<typeof EmergencyPlan>
const Names = z.array(z.string())
export const EmergencyReport = z.strictObject({
  ended: EmergencyCounts, keptKeys: Count, signingKeyId: z.string().nullable().describe('The key that signs tokens from now on'),
  dataKeys: DataKeyRotation, providers: z.strictObject({ moved: Names, removed: Names, left: Names }),
  resetLink: OneTimeLink.nullable().describe('With which the one who did this sets a new password'), canMail: z.boolean(), left: z.array(Left),
})
export type EmergencyReport = z.output<typeof EmergencyReport>
