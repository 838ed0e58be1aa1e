import type { Standing } from '../../kernel/standing.ts'
import type { AccountRow } from './tables.ts'

export interface StandingRow extends Pick<AccountRow, 'role' | 'kind' | 'status' | 'password_change_needed'> { readonly account_id: string; readonly second_factors: string | number | bigint | null }

/** Null for an account that may do nothing: its credentials are as good as ended. */
export const toStanding = ({ account_id, role, kind, status, second_factors, password_change_needed }: StandingRow): Standing | null =>
  (status === 'active' ? { accountId: account_id, role, kind, hasSecondFactor: Number(second_factors ?? 0) > 0, passwordChangeNeeded: password_change_needed === 1 } : null)
