import type { Role } from '@sallyport/contract'
import type { Caller } from '../../kernel/handler.ts'
import { ProblemError } from '../../kernel/problem.ts'
import { managedRoles } from '../../policy/roles.ts'
import type { AccountRow } from './tables.ts'

/** Throws `not-allowed` unless the table of policy lets the caller's role give this one. */
export function requireMayGive(caller: Caller, role: Role): void {
  if (caller.role === null || !managedRoles[caller.role].has(role)) throw new ProblemError('not-allowed', { detail: `Only an owner may do this with the role ${role}.` })
}

/** Throws `not-found` where there is no such account, and `not-allowed` where it stands too high for this caller. */
export function requireManageable(caller: Caller, row: AccountRow | undefined): asserts row is AccountRow {
  if (row === undefined) throw new ProblemError('not-found')
  requireMayGive(caller, row.role)
}
