import { createChallenges } from './challenges.ts'
import { isUsable, type FactorContext } from './context.ts'
import { createAppEnrolment } from './enrol-app.ts'
import { createPasskeyEnrolment } from './enrol-passkey.ts'
import { createEnrolling } from './enrol.ts'
import { createManagement } from './manage.ts'
import { createProving } from './prove-factor.ts'
import { createFactorSignIn } from './sign-in.ts'
import { createPasskeyUse } from './use-passkey.ts'

export type FactorDeps = Omit<FactorContext, 'challenges'>

/** Second factors of accounts: setting them up, proving them, letting go of them (IDN-10). */
export function createFactors(deps: FactorDeps) {
  const context: FactorContext = { ...deps, challenges: createChallenges(deps) }
  const usePasskey = createPasskeyUse(context)
  const enrolling = createEnrolling(context)
  return {
    ...createAppEnrolment(context, enrolling),
    ...createPasskeyEnrolment(context, enrolling),
    ...createFactorSignIn(context, createProving(context, usePasskey), usePasskey),
    ...createManagement(context),
    /** Whether a passkey that works opens the account. */
    hasPasskey: async (accountId: string): Promise<boolean> => (await context.store.ofAccount(accountId)).some((row) => row.kind === 'passkey' && isUsable(row)),
  }
}
export type Factors = ReturnType<typeof createFactors>
