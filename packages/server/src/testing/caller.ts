import type { Role } from '@sallyport/contract'
import type { Caller } from '../kernel/handler.ts'
import { openScope } from '../kernel/scope.ts'
import { rolePermissions } from '../policy/roles.ts'

/** A caller as the edge makes them, for tests of domains: signed in, from this machine, with what the role allows. */
export const callerLike = (accountId: string, role: Role): Caller =>
  ({ scope: openScope(accountId), role, permissions: rolePermissions[role], credential: { kind: 'session', id: 'test' }, sessionId: null, authenticatedAt: Number.MAX_SAFE_INTEGER, secondFactorAt: null, hasSecondFactor: false, pending: null, userAgent: 'test', deviceToken: null, isCheckedHuman: false, keyId: null, restriction: null, expiresAt: Number.MAX_SAFE_INTEGER, address: '127.0.0.1' })
