import { operationIds, permissions, roles, type Permission, type Role } from '@sallyport/contract'
import { describe, expect, test } from 'vitest'
import { operationPolicy } from '../../src/policy/operations.ts'
import { keyOperations, mayCall, permissionsUnder } from '../../src/policy/restrictions.ts'
import { managedRoles, rolePermissions } from '../../src/policy/roles.ts'
import { posture } from './posture.ts'

/** IDN-11, written out: each role with what it may do. */
const wanted: Readonly<Record<Role, readonly Permission[]>> = {
  owner: permissions,
  administrator: permissions.filter((permission) => permission !== 'emergency:run'),
  operator: ['chat:write', 'chat:read', 'model:read', 'knowledge:read', 'knowledge:write', 'key:manage', 'provider:manage', 'provider-credential:manage', 'account:read', 'api:read', 'ban:manage'],
  auditor: ['audit:read', 'account:read', 'model:read'],
  member: ['chat:write', 'chat:read', 'model:read', 'knowledge:read', 'knowledge:write', 'key:manage'],
  guest: ['chat:write', 'chat:read', 'model:read', 'knowledge:read'],
}

describe('roles', () => {
  test.each(roles)('%s may do what it should, and nothing else', (role) => {
    expect(permissions.filter((permission) => rolePermissions[role].has(permission))).toEqual(permissions.filter((permission) => wanted[role].includes(permission)))
    expect([...rolePermissions[role]].filter((permission) => !permissions.includes(permission))).toEqual([])
  })
  test('nobody gives or touches a role above their own, and only owners those of administrators', () => {
    expect(Object.fromEntries(roles.map((role) => [role, [...managedRoles[role]].toSorted()]))).toEqual({
      owner: [...roles].toSorted(), administrator: ['auditor', 'guest', 'member', 'operator'], operator: [], auditor: [], member: [], guest: [],
    })
  })
})

describe('the policy table says what was decided', () => {
  test.each(operationIds)('%s', (id) => {
    const { access, carriers, freshness, pending } = operationPolicy[id]
    const allowed = access === 'anyone' ? null : roles.filter((role) => access === 'signed-in' || rolePermissions[role].has(access.permission))
    expect({ roles: allowed, byKey: carriers === 'any', isFresh: freshness === 'fresh', whileOwing: pending === 'allowed' }).toEqual(posture[id])
    // What every role may do takes a permission all the same where a key may do it, or no scope of a key would hold it.
    if (posture[id].byKey && posture[id].roles !== null && id !== 'getSession') expect(access).toEqual({ permission: expect.any(String) })
  })
  test('it has no line for what is no operation', () => {
    expect(Object.keys(posture).toSorted()).toEqual([...operationIds].toSorted())
  })
  test('what changes something takes a body of bounded size or none, has a limit, and is audited where it is administration', () => {
    for (const id of operationIds) {
      const { budget, bodyBytes, audit, access } = operationPolicy[id]
      expect(bodyBytes).toBeLessThanOrEqual(8 * 1_048_576)
      if (budget === 'none') expect(['getHealth', 'getReadiness']).toContain(id)
      if (posture[id].isFresh && access !== 'anyone' && access !== 'signed-in') expect({ id, audit }).toEqual({ id, audit: 'action' })
    }
  })
})

describe('a key\'s scope', () => {
  const limits = { requestsPerMinute: null, turnsPerMinute: null, turnsPerDay: null, tokensPerDay: null }
  const restriction = (scopes: Partial<{ permissions: Permission[]; operations: string[] }>) => ({ keyId: 'key_1', limits, scopes: { permissions: null, operations: null, models: null, collections: null, ...scopes } })
  test('narrows what a role may do, and never adds to it, for every role and every permission', () => {
    for (const role of roles) {
      for (const permission of permissions) expect([...permissionsUnder(role, restriction({ permissions: [permission] }))]).toEqual(wanted[role].includes(permission) ? [permission] : [])
      expect(permissionsUnder(role, restriction({ permissions: [...permissions] }))).toEqual(new Set(wanted[role]))
      expect(permissionsUnder(role, null)).toEqual(new Set(wanted[role]))
    }
  })
  test('holds every operation but those open to anyone to its list', () => {
    for (const listed of keyOperations) {
      for (const id of operationIds) expect({ listed, id, may: mayCall(restriction({ operations: [listed] }), id) }).toEqual({ listed, id, may: posture[id].roles === null || id === listed })
    }
  })
  test('can name what keys can do', () => {
    expect([...keyOperations].toSorted()).toEqual(operationIds.filter((id) => posture[id].byKey && posture[id].roles !== null).toSorted())
  })
})
