import type { WriteStep } from '../../database/database.ts'
import type { Clock } from '../../kernel/clock.ts'
import type { Handlers } from '../../kernel/handler.ts'
import { ProblemError } from '../../kernel/problem.ts'
import { requireScope } from '../../kernel/require-scope.ts'
import type { Accounts } from '../accounts/index.ts'
import type { Admission, Cookies } from './admit.ts'
import type { OwnSignIns } from './own-sign-ins.ts'
import { createProof, type Provers } from './prove.ts'

export interface SessionRouteDeps {
  readonly accounts: Accounts
  readonly admission: Admission
  readonly signIns: OwnSignIns
  readonly cookies: Pick<Cookies, 'clear'>
  readonly clock: Clock
  /** Throws `second-factor-needed` where the account has one; the sign-in then goes on elsewhere. */
  readonly demandSecondFactor: (accountId: string) => Promise<void>
  readonly provers: Provers
  /** Ends every sign-in of an account but one, of whichever kind, and what waits to become one or could still change the account. */
  readonly endSignIns: (accountId: string, keepId: string | null) => readonly WriteStep[]
}

/** Set-up and sign-in give a session; the cookie's form is the edge's business. */
export function sessionRoutes({ accounts, admission, signIns, cookies, clock, demandSecondFactor, provers, endSignIns }: SessionRouteDeps) {
  const prove = createProof(provers, clock)
  return {
    createOwner: async ({ caller, body }) => admission.admit(caller, (await accounts.createOwner(caller, body)).id),
    signIn: async ({ caller, body }) => {
      const { id } = await accounts.checkPassword(caller, body)
      await demandSecondFactor(id)
      return admission.admit(caller, id)
    },
    getSession: async ({ caller }) => admission.describe(await accounts.get(requireScope(caller).accountId), caller),
    signOut: async ({ caller }) => {
      await signIns.endOwn(caller)
      return { kind: 'headed', reply: undefined, headers: { 'Set-Cookie': cookies.clear(), 'Clear-Site-Data': '"cache", "cookies", "storage"' } }
    },
    proveAgain: async ({ caller, body, host }) => {
      const { accountId } = requireScope(caller)
      if (caller.sessionId === null) throw new ProblemError('conflict', { detail: 'Who acts over the administration socket has nothing to prove.' })
      const proven = await prove(caller, body, host)
      return { kind: 'headed', headers: await admission.rise(caller, proven), reply: admission.describe(await accounts.get(accountId), { ...caller, ...proven }) }
    },
    listSessions: ({ caller }) => signIns.list(caller),
    endSession: async ({ caller, params }) => { await signIns.end(caller, params.sessionId) },
    endOtherSessions: async ({ caller }) => { await signIns.endOthers(caller, endSignIns) },
  } satisfies Partial<Handlers>
}
