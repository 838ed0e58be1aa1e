import * as z from 'zod'
import { Email, idOf, Moment, Name, Password } from './common.ts'

export const roles = ['owner', 'administrator', 'operator', 'auditor', 'member', 'guest'] as const
export const Role = z.enum(roles)
export type Role = z.output<typeof Role>

/** What a role may allow. The page shows only what its account may do; the server decides. */
export const permissions = [
  'chat:write', 'chat:read', 'model:read', 'knowledge:read', 'knowledge:write', 'knowledge:share',
  'key:manage', 'provider:manage', 'account:read', 'audit:read', 'api:read', 'backup:manage',
] as const
export const Permission = z.enum(permissions)
export type Permission = z.output<typeof Permission>

export const Account = z.strictObject({ id: idOf('account'), email: Email, name: Name, role: Role, createdAt: Moment })
export type Account = z.output<typeof Account>

export const SetupState = z.strictObject({ open: z.boolean().describe('True until the server has an owner') })
export const SetupRequest = z.strictObject({
  token: z.string().regex(/^[A-Za-z0-9_-]{43}$/, 'Open the set-up link again exactly as the server printed it.'),
  email: Email,
  name: Name,
  password: Password,
})
export const SignInRequest = z.strictObject({ email: Email, password: z.string().min(1).max(256) })
export const Session = z.strictObject({ account: Account, expiresAt: Moment, permissions: z.array(Permission) })
export type Session = z.output<typeof Session>

export const Key = z.strictObject({
  id: idOf('key'), name: Name, start: z.string().describe('The first characters, to tell keys apart'),
  createdAt: Moment, expiresAt: Moment.nullable(), lastUsedAt: Moment.nullable(),
})
export type Key = z.output<typeof Key>
export const KeyRequest = z.strictObject({ name: Name, expiresInDays: z.int('Give a whole number of days, from 1 to 3650.').min(1, 'Give at least 1 day.').max(3650, 'Give at most 3650 days.').optional() })
export const NewKey = z.strictObject({ key: Key, value: z.string().describe('Shown this once; only a digest is stored') })
