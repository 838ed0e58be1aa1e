import * as z from 'zod'
import { Email, idOf, Moment, Name, Password } from './common.ts'

export const roles = ['owner', 'administrator', 'operator', 'auditor', 'member', 'guest'] as const
export const Role = z.enum(roles)
export type Role = z.output<typeof Role>

/** What a role may allow. The page shows only what its account may do; the server decides. */
export const permissions = [
  'chat:write', 'chat:read', 'model:read', 'knowledge:read', 'knowledge:write', 'knowledge:share',
  'key:manage', 'provider:manage', 'provider-credential:manage', 'account:read', 'account:manage', 'audit:read', 'audit:resolve', 'api:read', 'backup:manage', 'service-key:manage',
  'group:manage', 'identity-provider:manage', 'budget:manage', 'ban:manage', 'conversation:break-glass', 'emergency:run',
] as const
export const Permission = z.enum(permissions)
export type Permission = z.output<typeof Permission>

export const AccountStatus = z.enum(['active', 'suspended'])
export type AccountStatus = z.output<typeof AccountStatus>
export const Account = z.strictObject({ id: idOf('account'), email: Email, name: Name, role: Role, status: AccountStatus, createdAt: Moment })
export type Account = z.output<typeof Account>

export const SetupState = z.strictObject({ open: z.boolean().describe('True until the server has an owner') })
export const SetupRequest = z.strictObject({
  token: z.string().regex(/^[A-Za-z0-9_-]{43}$/, 'Open the set-up link again exactly as the server printed it.'),
  email: Email,
  name: Name,
  password: Password,
})
export const SignInRequest = z.strictObject({ email: Email, password: z.string().min(1).max(256) })
/** What an account owes before it may do anything else. */
export const pendings = ['second-factor-enrolment', 'password-change'] as const
export const Session = z.strictObject({
  account: Account, expiresAt: Moment, permissions: z.array(Permission),
  freshUntil: Moment.nullable().describe('Until when what needs a fresh proof goes without another; null when it needs one now'),
  pending: z.enum(pendings).nullable().describe('What has to be done before anything else'),
  notices: z.array(z.enum(['was-locked'])).describe('What happened since the last sign-in; said once, in the answer to the next one'),
})
export type Session = z.output<typeof Session>
