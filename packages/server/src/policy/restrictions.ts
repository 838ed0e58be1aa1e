import { operationIds, type OperationId, type Permission, type Role } from '@sallyport/contract'
import type { Restriction } from '../kernel/restriction.ts'
import { operationPolicy } from './operations.ts'
import { rolePermissions } from './roles.ts'

// What a key's restriction means, in one place. Edge, turn and domains ask here and decide nothing themselves; null is no restriction.

/** What remains of a role's permissions: a scope narrows and never adds. */
export function permissionsUnder(role: Role, restriction: Restriction | null): ReadonlySet<Permission> {
  const kept = restriction?.scopes.permissions ?? null
  return kept === null ? rolePermissions[role] : new Set(kept.filter((permission) => rolePermissions[role].has(permission)))
}

/** Whether the operation is among those that the key is limited to. What is open to anyone is open to a key. */
export const mayCall = (restriction: Restriction | null, id: OperationId): boolean =>
  restriction === null || restriction.scopes.operations === null || operationPolicy[id].access === 'anyone' || restriction.scopes.operations.includes(id)

/** Whether the model is among those that the key is limited to. `modelId` is the full name, `PROVIDER/MODEL`. */
export function mayUseModel(restriction: Restriction | null, modelId: string): boolean {
  const models = restriction?.scopes.models ?? null
  return models === null || models.some((model) => model === modelId || (model.endsWith('/*') && modelId.startsWith(model.slice(0, -1))))
}

/** Whether the collection is among those that the key is limited to. */
export function mayOpenCollection(restriction: Restriction | null, kind: string): boolean {
  const collections = restriction?.scopes.collections ?? null
  return collections === null || collections.some((collection) => collection === kind)
}

/** The operations that a key can be limited to: those that a key may call at all. */
export const keyOperations: ReadonlySet<string> = new Set(operationIds.filter((id) => operationPolicy[id].carriers === 'any' && operationPolicy[id].access !== 'anyone'))
