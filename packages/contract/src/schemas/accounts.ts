import * as z from 'zod'
import { Email, idOf, Moment, Name, Password } from './common.ts'
import { Account, AccountStatus, Role } from './identity.ts'

/** A one-time token of 256 bits, as a link carries it behind its `#`. */
const LinkToken = z.string().regex(/^[A-Za-z0-9_-]{43}$/, 'Open the link again exactly as you got it.')
/** A password that somebody has; what is set anew is a `Password`. */
const PresentPassword = z.string().min(1, 'Give your present password.').max(256)

/** An account as those see it who manage accounts. */
export const ManagedAccount = z.strictObject({
  ...Account.shape,
  kind: z.enum(['person', 'service']).describe('A service acts by its key alone; nobody signs in as it'),
  secondFactor: z.boolean(), emailVerified: z.boolean(), hasPassword: z.boolean(),
  passwordChangeNeeded: z.boolean().describe('At the next sign-in a new password must be chosen'),
  lockedUntil: Moment.nullable().describe('Until when wrong passwords have locked it'),
  lastSignInAt: Moment.nullable(),
})
export type ManagedAccount = z.output<typeof ManagedAccount>
export const AccountChange = z.strictObject({ role: Role.optional(), status: AccountStatus.optional(), passwordChangeNeeded: z.boolean().optional() })
  .refine((change) => Object.keys(change).length > 0, 'Give something to change.')

export const ProfileChange = z.strictObject({ name: Name })
export const PasswordChange = z.strictObject({ current: PresentPassword, password: Password })
export const EmailChange = z.strictObject({ email: Email })
/** `verification-sent`: the address changes when the link that went there is opened. */
export const EmailChanged = z.strictObject({ state: z.enum(['changed', 'verification-sent']) })
export const EmailVerification = z.strictObject({ token: LinkToken })

export const StrengthRequest = z.strictObject({ password: z.string().max(256), email: z.string().max(254).optional(), name: z.string().max(80).optional() })
/** Why a password is not taken; empty when it is. */
export const Strength = z.strictObject({
  acceptable: z.boolean(), score: z.int().min(0).max(4),
  problems: z.array(z.enum(['too-short', 'too-long', 'repetitive', 'too-easy-to-guess'])),
  advice: z.string().describe('What makes it better; empty when it is taken'),
})
export type Strength = z.output<typeof Strength>

export const SignUpPolicy = z.strictObject({
  open: z.boolean(), domains: z.array(z.string()).describe('E-mail domains from which anyone may sign up'),
  mail: z.boolean().describe('Whether this server sends mail, so that a forgotten password can be reset by it'),
})
export const SignUpRequest = z.strictObject({ email: Email })
/** Said whether or not anything was sent, so that it tells nothing about who has an account. */
export const Received = z.strictObject({ received: z.literal(true) })

export const PasswordResetRequest = z.strictObject({ email: Email })
export const PasswordReset = z.strictObject({ token: LinkToken, password: Password })
/** `link` is shown this once; only the token's digest is kept. */
export const OneTimeLink = z.strictObject({ link: z.string(), expiresAt: Moment })

export const Invitation = z.strictObject({
  id: idOf('invitation'), role: Role, email: Email.nullable().describe('Only this address may accept it'),
  createdAt: Moment, expiresAt: Moment, usesLeft: z.int(), uses: z.int(), createdBy: idOf('account').nullable(),
  state: z.enum(['open', 'used', 'expired', 'revoked']),
})
export type Invitation = z.output<typeof Invitation>
export const InvitationRequest = z.strictObject({
  role: Role.default('member'),
  email: Email.optional(),
  expiresInHours: z.int().min(1, 'Give at least 1 hour.').max(720, 'Give at most 720 hours.').default(168),
  uses: z.int().min(1, 'Give at least 1 use.').max(1_000, 'Give at most 1,000 uses.').default(1),
  send: z.boolean().default(false).describe('Also send the link to the address'),
}).refine(({ email, uses }) => email === undefined || uses === 1, { path: ['uses'], message: 'An invitation for one address has one use.' })
  .refine(({ email, send }) => email !== undefined || !send, { path: ['send'], message: 'Give the address to send it to.' })
export const NewInvitation = z.strictObject({ invitation: Invitation, link: z.string().describe('Shown this once; only its digest is stored'), sent: z.boolean() })
export const InvitationToken = z.strictObject({ token: LinkToken })
/** What an invited person sees before accepting. */
export const InvitationOffer = z.strictObject({ role: Role, email: Email.nullable(), expiresAt: Moment })
/** `email` is needed where the invitation names none. */
export const InvitationAcceptance = z.strictObject({ token: LinkToken, email: Email.optional(), name: Name, password: Password })
