import type { IdentityProof, SecondFactorProof } from '@sallyport/contract'
import type { Clock } from '../../kernel/clock.ts'
import type { Caller } from '../../kernel/handler.ts'
import { requireScope } from '../../kernel/require-scope.ts'
import type { Proven } from './service.ts'

/** Who can tell whether a proof holds. Each throws where it does not. */
export interface Provers {
  readonly password: (caller: Caller, password: string) => Promise<void>
  readonly secondFactor: (caller: Caller, attempt: { readonly accountId: string; readonly proof: SecondFactorProof; readonly host: string }) => Promise<{ readonly secondFactorAt: number }>
}

/**
 * Checks one proof of somebody who is signed in, and says when the person has now proved what. A passkey is two factors in one, the device
 * and what its owner unlocks it with, so it stands for the password too; a code does not.
 */
export function createProof({ password, secondFactor }: Provers, clock: Clock) {
  return async (caller: Caller, proof: IdentityProof, host: string): Promise<Proven> => {
    const { authenticatedAt, secondFactorAt } = caller
    if ('password' in proof) {
      await password(caller, proof.password)
      return { authenticatedAt: clock.now(), secondFactorAt }
    }
    const proved = await secondFactor(caller, { accountId: requireScope(caller).accountId, proof, host })
    return { authenticatedAt: 'assertion' in proof ? proved.secondFactorAt : authenticatedAt, secondFactorAt: proved.secondFactorAt }
  }
}
