import * as z from 'zod'
import { Moment } from './common.ts'

const Count = z.int().nonnegative()
export const SecretUse = z.strictObject({
  kind: z.string().describe('provider-key, identity-provider, setting, signing-key, second-factor, data-key or day-name-key'), name: z.string().describe('Which one of its kind: an id, or the path of a setting'),
  provider: z.string().nullable(), version: z.int().positive().nullable(), lastReadAt: Moment, reads: Count.describe('Within a day'), tokens: Count.describe('Within a day'),
  usualReads: Count.nullable().describe('In an hour that is busy for it; null while too little is known'), jumpedAt: Moment.nullable().describe('When its use was last far above the usual'),
  purposes: z.array(z.strictObject({ purpose: z.string(), reads: Count })).describe('What it was read for within a day'),
})
export type SecretUse = z.output<typeof SecretUse>
