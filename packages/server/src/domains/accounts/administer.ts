import type { AccountStatus, ManagedAccount, Role } from '@sallyport/contract'
import { WriteConflict, type WriteStep } from '../../database/database.ts'
import type { Caller } from '../../kernel/handler.ts'
import { ProblemError } from '../../kernel/problem.ts'
import { requireScope } from '../../kernel/require-scope.ts'
import { auditStep } from '../audit/index.ts'
import { settleSteps } from '../groups/index.ts'
import type { AccountContext } from './context.ts'
import type { GuardStore } from './guard-store.ts'
import { createManagedReader } from './managed.ts'
import { requireManageable, requireMayGive } from './manageable.ts'
import type { AccountRow } from './tables.ts'
import type { TokenStore } from './token-store.ts'

interface AdministerParts { readonly tokens: TokenStore; readonly guards: GuardStore }
/** `further` goes into the same batch: what other domains write when an account goes. */
interface Removal { readonly own: boolean; readonly further: readonly WriteStep[] }
interface AccountChange { readonly role?: Role | undefined; readonly status?: AccountStatus | undefined; readonly passwordChangeNeeded?: boolean | undefined }

/** Accounts as those manage them who may. Who may change whom is in `policy/roles.ts`. */
export function createAdministration(context: AccountContext, { tokens, guards }: AdministerParts) {
  const { database, store, keyRing, clock, belongings } = context
  const reader = createManagedReader(context, guards)

  /** The steps that end what an account may do. An owner goes only where another one stays. */
  const ownerSteps = (row: AccountRow): readonly WriteStep[] => (row.role === 'owner' && row.status === 'active' ? store.requireAnotherOwner(row.id) : [])
  /** A conflict is either a change in between, or the last owner: looking again tells which. */
  const explain = (row: AccountRow) => async (error: unknown): Promise<never> => {
    if (!(error instanceof WriteConflict)) throw error
    const now = await store.byId(row.id)
    const isUnchanged = now !== undefined && now.role === row.role && now.status === row.status
    throw new ProblemError('conflict', { detail: isUnchanged && row.role === 'owner' ? 'This is the last owner. Make somebody else an owner first.' : 'It was changed in the meantime. Look again, then try again.' })
  }

  return {
    ...reader,
    /**
     * Changes role and state. Suspending ends every session, token, link and invitation of the account at once, and so does taking its role
     * down. Throws `not-found`, `not-allowed` and `conflict`, the last also for the last active owner.
     */
    async change(caller: Caller, id: string, { role, status, passwordChangeNeeded }: AccountChange): Promise<ManagedAccount> {
      const row = await store.byId(id)
      requireManageable(caller, row)
      if (role !== undefined) requireMayGive(caller, role)
      if (row.kind === 'service' && role === 'owner') throw new ProblemError('not-allowed', { detail: 'A service cannot be an owner.' })
      const at = clock.now()
      // Who changes something of themselves goes on where they are.
      const keep = status === 'suspended' ? null : caller.sessionId
      const losesOwner = row.role === 'owner' && ((role !== undefined && role !== 'owner') || status === 'suspended')
      const isChanged = (role !== undefined && role !== row.role) || (status === 'suspended' && row.status === 'active')
      await database.write([
        ...(losesOwner ? ownerSteps(row) : []),
        store.change(id, { role: row.role, status: row.status }, {
          ...(role !== undefined && { role }), ...(status !== undefined && { status }), ...(passwordChangeNeeded !== undefined && { password_change_needed: passwordChangeNeeded ? 1 : 0 }),
        }),
        ...(isChanged ? [...settleSteps(database, at), tokens.revokeInvitationsOf(id, at)] : []),
        ...(status === 'suspended' ? belongings.endCredentials(id, null) : []),
        belongings.standingChanged(id, keep),
        auditStep(caller, { at, action: 'account-changed', detail: { accountId: id, role: role ?? null, status: status ?? null, passwordChangeNeeded: passwordChangeNeeded ?? null } }),
      ]).catch(explain(row))
      belongings.announce(id, keep)
      return reader.managed(id)
    },
    /** Erases an account, the caller's own or another's: its rows, and the key that opens what was sealed for it. Throws `not-found`, `not-allowed` and `conflict`. */
    async remove(caller: Caller, id: string, { own, further }: Removal): Promise<void> {
      const row = await store.byId(id)
      if (!own) requireManageable(caller, row)
      if (row === undefined || (own && requireScope(caller).accountId !== id)) throw new ProblemError('not-found')
      await database.write([
        ...ownerSteps(row), ...belongings.endCredentials(id, null), belongings.standingChanged(id, null), ...belongings.erase(id), tokens.revokeInvitationsOf(id, clock.now()),
        guards.clear(row.email_lookup), guards.forgetDevices(row.email_lookup), keyRing.destroyStep(id), store.remove(id), ...further,
        auditStep(caller, { at: clock.now(), action: 'account-deleted', detail: { accountId: id, role: row.role } }),
      ]).catch(explain(row))
      keyRing.forget(id)
      belongings.announce(id, null)
    },
    /** Forgets wrong tries. Throws `not-found` and `not-allowed`. */
    async unlock(caller: Caller, id: string): Promise<void> {
      const row = await store.byId(id)
      requireManageable(caller, row)
      await database.write([guards.clear(row.email_lookup), store.change(id, {}, { locked_at: null }), auditStep(caller, { at: clock.now(), action: 'account-unlocked', detail: { accountId: id } })])
    },
  }
}
