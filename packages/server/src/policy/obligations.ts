import type { Role } from '@sallyport/contract'
import type { Pending } from '../kernel/handler.ts'
import type { Standing } from '../kernel/standing.ts'

/** What an account has to do before anything else: choose a new password where one is demanded, or add the second factor that its role needs. */
export function pendingOf({ role, kind, hasSecondFactor, passwordChangeNeeded }: Standing, secondFactorRequiredFor: readonly Role[]): Pending | null {
  if (kind === 'service') return null
  if (passwordChangeNeeded) return 'password-change'
  return !hasSecondFactor && secondFactorRequiredFor.includes(role) ? 'second-factor-enrolment' : null
}
