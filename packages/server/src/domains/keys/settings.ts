import type { KeyChange, KeyRequest, Role } from '@sallyport/contract'
import type * as z from 'zod'
import { formatAddressRange, parseAddressRange } from '../../kernel/address-range.ts'
import { ProblemError } from '../../kernel/problem.ts'
import { keyLife } from '../../policy/limits.ts'
import { keyOperations } from '../../policy/restrictions.ts'
import { rolePermissions } from '../../policy/roles.ts'
import { DAY_MILLISECONDS, type StoredRestriction } from './key-row.ts'

export type KeySettings = z.output<typeof KeyRequest>
export type KeyUpdateRequest = z.output<typeof KeyChange>

/** When a key ends: 90 days on unless another life is asked for; null for one that does not. */
export function endOf(expiresInDays: number | null | undefined, at: number): number | null {
  return expiresInDays === null ? null : at + (expiresInDays ?? keyLife.days) * DAY_MILLISECONDS
}

/** What a key is limited to after a change: what is named is replaced, what is left out stays. Throws `invalid-request`. */
export function restrict(before: StoredRestriction, { scopes, addresses, limits }: Pick<KeyUpdateRequest, 'scopes' | 'addresses' | 'limits'>, role: Role): StoredRestriction {
  const missing = scopes?.permissions?.find((permission) => !rolePermissions[role].has(permission))
  if (missing !== undefined) throw refuse('/scopes/permissions', `The role ${role} has no ${missing}; a key cannot have it either. Leave it out.`)
  const unknown = scopes?.operations?.find((operation) => !keyOperations.has(operation))
  if (unknown !== undefined) throw refuse('/scopes/operations', `${unknown} is no operation that a key can call. See /api/v1/openapi.json for their names.`)
  const unreadable = addresses?.find((address) => parseAddressRange(address) === null)
  if (unreadable !== undefined) throw refuse('/addresses', 'Give addresses or ranges, such as 203.0.113.7 or 10.0.0.0/8.')
  return {
    scopes: { ...before.scopes, ...given(scopes) }, limits: { ...before.limits, ...given(limits) },
    addresses: addresses === undefined ? before.addresses : addresses?.map(parseAddressRange).filter((range) => range !== null).map(formatAddressRange) ?? null,
  }
}

type Given<Fields> = { [Field in keyof Fields]?: Exclude<Fields[Field], undefined> }
const given = <Fields extends object>(fields: Fields | undefined): Given<Fields> => Object.fromEntries(Object.entries(fields ?? {}).filter(([, value]) => value !== undefined)) as Given<Fields>

const refuse = (pointer: string, detail: string) => new ProblemError('invalid-request', { detail: `${pointer.slice(1)}: ${detail}`, members: { errors: [{ pointer, detail }] } })
