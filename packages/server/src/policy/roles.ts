import { permissions, roles, type Permission, type Role } from '@sallyport/contract'

const member = ['chat:write', 'chat:read', 'model:read', 'knowledge:read', 'knowledge:write', 'key:manage'] as const satisfies readonly Permission[]

/** Which roles each role may give, and whose accounts it may change: nobody raises anybody above themselves, and only owners make or unmake owners and administrators (IDN-11). */
export const managedRoles: Readonly<Record<Role, ReadonlySet<Role>>> = {
  owner: new Set(roles),
  administrator: new Set(['operator', 'auditor', 'member', 'guest']),
  operator: new Set(),
  auditor: new Set(),
  member: new Set(),
  guest: new Set(),
}

/** From the highest to the lowest: of the role that an account was given and those of its groups, the highest holds. An auditor reads the log and does not chat; a group that gives it gives it to members too. */
export const rolesByRank = ['owner', 'administrator', 'operator', 'auditor', 'member', 'guest'] as const satisfies readonly Role[]

/** What each role may do. A role without a row does not compile. */
export const rolePermissions: Readonly<Record<Role, ReadonlySet<Permission>>> = {
  owner: new Set(permissions),
  administrator: new Set(permissions.filter((permission) => permission !== 'emergency:run')),
  operator: new Set([...member, 'provider:manage', 'provider-credential:manage', 'account:read', 'api:read', 'ban:manage']),
  auditor: new Set(['audit:read', 'account:read', 'model:read']),
  member: new Set(member),
  guest: new Set(['chat:write', 'chat:read', 'model:read', 'knowledge:read']),
}
