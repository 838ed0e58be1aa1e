import type { Account } from '@sallyport/contract'
import type { Database, WriteStep } from '../../database/database.ts'
import type { Clock } from '../../kernel/clock.ts'
import type { Caller, Handlers } from '../../kernel/handler.ts'
import { ProblemError } from '../../kernel/problem.ts'
import { managedRoles } from '../../policy/roles.ts'
import { auditStep, securityEventStep } from '../audit/index.ts'
import type { SharedRevocations } from './service.ts'

/** Steps of the domains that hold credentials. */
export interface Endings {
  /** Sessions and families of tokens, what waits to become one, links, invitations, and openings of others' conversations. */
  readonly signInsOf: (accountId: string) => readonly WriteStep[]
  readonly keysOf: (accountId: string) => readonly WriteStep[]
  readonly allSignIns: () => readonly WriteStep[]
  /** All but those of these ids, of which earlier values end. */
  readonly allKeys: (keepIds?: readonly string[]) => readonly WriteStep[]
}
export interface AdministerDeps {
  readonly database: Database
  readonly clock: Clock
  readonly revocations: SharedRevocations
  readonly accounts: { get(id: string): Promise<Account> }
  readonly endings: Endings
}

/** An administrator ends credentials: of one account, or of all in an emergency (IDN-6). */
export function revocationRoutes({ database, clock, revocations, accounts, endings }: AdministerDeps) {
  return {
    revokeAccount: async ({ caller, params: { accountId }, body: { keys } }) => {
      const { role } = await accounts.get(accountId)
      if (!mayRevoke(caller, accountId, role)) throw new ProblemError('not-allowed', { detail: 'Only an owner may do this to this account.' })
      const at = clock.now()
      await revocations.revoke({ kind: 'account', accountId, exceptSessionId: null }, [
        ...endings.signInsOf(accountId), ...(keys ? endings.keysOf(accountId) : []), auditStep(caller, { at, action: 'credentials-revoked', detail: { accountId, keys } }),
      ])
    },
    revokeEverything: async ({ caller, body: { keys } }) => {
      const at = clock.now()
      await revocations.revoke({ kind: 'everything' }, [
        ...endings.allSignIns(), ...(keys ? endings.allKeys() : []), auditStep(caller, { at, action: 'everything-revoked', detail: { keys } }),
        securityEventStep(database, { at, type: 'everything-revoked', severity: 'high', accountId: caller.scope?.accountId ?? null, detail: { keys } }),
      ])
    },
  } satisfies Partial<Handlers>
}

const mayRevoke = ({ role, scope }: Caller, accountId: string, target: Account['role']) => scope?.accountId === accountId || (role !== null && managedRoles[role].has(target))
