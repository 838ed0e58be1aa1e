import { permissions, type Permission, type Role } from '@sallyport/contract'

const member = ['chat:write', 'chat:read', 'model:read', 'knowledge:read', 'knowledge:write', 'key:manage'] as const satisfies readonly Permission[]

/** What each role may do. A role without a row does not compile. */
export const rolePermissions: Readonly<Record<Role, ReadonlySet<Permission>>> = {
  owner: new Set(permissions),
  administrator: new Set(permissions),
  operator: new Set([...member, 'provider:manage', 'account:read', 'api:read']),
  auditor: new Set(['audit:read', 'account:read', 'model:read']),
  member: new Set(member),
  guest: new Set(['chat:write', 'chat:read', 'model:read', 'knowledge:read']),
}
