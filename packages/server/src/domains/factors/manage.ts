import type { FactorList } from '@sallyport/contract'
import { WriteConflict } from '../../database/database.ts'
import type { Caller } from '../../kernel/handler.ts'
import { ProblemError } from '../../kernel/problem.ts'
import { requireScope } from '../../kernel/require-scope.ts'
import { managedRoles } from '../../policy/roles.ts'
import { auditStep, securityEventStep } from '../audit/index.ts'
import { namePlace, writeChange, type FactorContext } from './context.ts'
import { renewedCodes, toFactor } from './enrol.ts'

/** Seeing factors, and letting go of them. */
export const createManagement = (context: FactorContext) => {
  const { database, store, keyRing, clock, requiredFor } = context
  const noSuchFactor = () => new ProblemError('not-found')

  return {
    async list(caller: Caller): Promise<FactorList> {
      const { accountId } = requireScope(caller)
      const sealer = await keyRing.sealerOf(accountId)
      return { items: (await store.ofAccount(accountId)).map((row) => toFactor(row, sealer)), recoveryCodesLeft: await store.recoveryCodesLeft(accountId), isRequired: caller.role !== null && requiredFor.has(caller.role) }
    },
    /** Throws `not-found`. */
    async rename(caller: Caller, id: string, name: string) {
      const { accountId } = requireScope(caller)
      const sealer = await keyRing.sealerOf(accountId)
      try {
        await database.write([store.rename(accountId, id, sealer.seal(namePlace(id), name))])
      } catch (error) {
        throw error instanceof WriteConflict ? noSuchFactor() : error
      }
      const row = await store.byId(accountId, id)
      if (row === undefined) throw noSuchFactor()
      return toFactor(row, sealer)
    },
    /** Ten new codes in place of the old ones. Throws `conflict` for an account without a factor, which needs none. */
    async renewRecoveryCodes(caller: Caller): Promise<{ recoveryCodes: string[] }> {
      const { accountId } = requireScope(caller)
      if ((await store.ofAccount(accountId)).length === 0) throw new ProblemError('conflict', { detail: 'Set up an authenticator app or a passkey first; the codes come with it.' })
      const { recoveryCodes, steps } = await renewedCodes(context, accountId)
      await database.write([...steps, auditStep(caller, { at: clock.now(), action: 'recovery-codes-renewed', detail: { accountId } })])
      context.notify(await context.account(accountId))
      return { recoveryCodes }
    },
    /** Recovery codes go with the last factor. Throws `not-found`, and `conflict` for the last one of somebody who must have one. */
    async remove(caller: Caller, id: string): Promise<void> {
      const { accountId } = requireScope(caller)
      const row = await store.byId(accountId, id)
      if (row === undefined || row.confirmed_at === null) throw noSuchFactor()
      const at = clock.now()
      const isBound = caller.role !== null && requiredFor.has(caller.role)
      try {
        await writeChange(context, {
          accountId, keepSessionId: caller.sessionId,
          steps: [
            store.holdAll(accountId), ...(isBound ? [store.requireAnother(accountId, id)] : []), store.remove(accountId, id), store.dropNeedlessRecoveryCodes(accountId),
            auditStep(caller, { at, action: 'factor-removed', detail: { accountId, factorId: id, kind: row.kind } }),
            securityEventStep(database, { at, type: 'factors-changed', severity: 'low', accountId, detail: { kind: row.kind } }),
          ],
        })
      } catch (error) {
        if (!(error instanceof WriteConflict)) throw error
        throw (await store.byId(accountId, id)) === undefined ? noSuchFactor() : new ProblemError('conflict', { detail: 'Your role demands a second factor, and this is the last one that works. Set up another one first.' })
      }
    },
    /**
     * Removes every factor and recovery code of an account whose owner has lost them, and ends its sessions and tokens. Only over roles that
     * the caller manages; the own ones over the administration socket alone, because they protect just that account. Throws `not-found` and `not-allowed`.
     */
    async reset(caller: Caller, accountId: string): Promise<{ removed: number }> {
      const account = await context.account(accountId)
      const isOwn = caller.scope?.accountId === accountId && caller.credential.kind !== 'local'
      if (isOwn || caller.role === null || !managedRoles[caller.role].has(account.role)) {
        throw new ProblemError('not-allowed', { detail: isOwn ? 'Delete your own factors on your account page, or have them reset by another owner or by the command line.' : 'Ask somebody who manages accounts with this role.' })
      }
      const removed = (await store.ofAccount(accountId)).length
      const at = clock.now()
      await writeChange(context, {
        accountId, keepSessionId: null,
        steps: [
          store.forgiveTries(accountId), store.dropChallenges(accountId), store.removeAll(accountId), store.dropRecoveryCodes(accountId),
          auditStep(caller, { at, action: 'factors-reset', detail: { accountId, removed } }),
          securityEventStep(database, { at, type: 'factors-changed', severity: 'high', accountId, detail: { removed } }),
        ],
      })
      return { removed }
    },
  }
}
