import * as z from 'zod'
import { Moment } from './common.ts'
import { SecondFactorProof } from './factors.ts'

/** A sign-in that lasts: of a browser (`ses_`), or of a program that holds refresh tokens (`tok_`). */
export const SignInId = z.string().regex(/^(?:ses|tok)_[0-9a-f]{32}$/, 'Give an id that begins with ses_ or tok_.')
export const SignedIn = z.strictObject({
  id: SignInId, kind: z.enum(['browser', 'program']), isCurrent: z.boolean(),
  browser: z.string().describe('As the client calls itself'), system: z.string(), network: z.string().describe('From where it signed in: IPv4 by /24, IPv6 by /48'),
  createdAt: Moment, lastSeenAt: Moment.describe('Written now and then; of a program, at each refresh'), expiresAt: Moment,
})
export type SignedIn = z.output<typeof SignedIn>

/** One proof that it is still the same person. */
export const IdentityProof = z.union([z.strictObject({ password: z.string().min(1).max(256) }), SecondFactorProof], 'Give one proof: a password, a code, a recoveryCode or an assertion.')
export type IdentityProof = z.output<typeof IdentityProof>

/** What an administrator ends of an account. */
export const CredentialRevocation = z.strictObject({ keys: z.boolean().default(true).describe('Its API keys too') })
