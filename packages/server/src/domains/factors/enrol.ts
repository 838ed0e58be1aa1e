import type { EnrolledFactor, Factor } from '@sallyport/contract'
import type { WriteStep } from '../../database/database.ts'
import { toMoment } from '../../kernel/clock.ts'
import type { Caller } from '../../kernel/handler.ts'
import { ProblemError } from '../../kernel/problem.ts'
import { openName } from '../../kernel/names.ts'
import type { Sealer } from '../../kernel/seal.ts'
import { factorsPerAccount } from '../../policy/limits.ts'
import { auditStep, securityEventStep } from '../audit/index.ts'
import { namePlace, writeChange, type FactorContext } from './context.ts'
import { newRecoveryCodes, recoveryCodeHash } from './recovery-codes.ts'
import type { FactorRow, FactorTable } from './tables.ts'

/** A factor as its owner sees it: never its secret. */
export const toFactor = (row: FactorRow, sealer: Sealer): Factor => ({
  id: row.id, kind: row.kind, name: openName(sealer, namePlace(row.id), row.name_sealed), createdAt: toMoment(row.created_at), domain: row.domain, isSynced: row.is_synced === 1,
  lastUsedAt: row.last_used_at === null ? null : toMoment(row.last_used_at), suspendedAt: row.suspended_at === null ? null : toMoment(row.suspended_at),
})

/** A new factor, its first recovery codes, and when it was shown to be there. */
export type Enrolled = EnrolledFactor & { readonly provedAt: number }

/** What setting up a factor has in common, whatever its kind. */
export const createEnrolling = (context: FactorContext) => {
  const { database, store, keyRing, clock } = context

  const requireRoom = async (accountId: string, kind: FactorTable['kind']): Promise<void> => {
    const held = (await store.ofAccount(accountId)).filter((row) => row.kind === kind).length
    if (held >= factorsPerAccount[kind]) throw new ProblemError('conflict', { detail: `An account has at most ${factorsPerAccount[kind]} of this kind. Delete one that you do not use.` })
  }
  /** The codes that come with the first factor; none where there are some already. */
  const firstRecoveryCodes = async (accountId: string): Promise<{ readonly recoveryCodes: string[] | null; readonly steps: readonly WriteStep[] }> => {
    if (await store.recoveryCodesLeft(accountId) > 0) return { recoveryCodes: null, steps: [] }
    const { recoveryCodes, steps } = await renewedCodes(context, accountId)
    return { recoveryCodes, steps }
  }
  /** Writes a new factor with all that comes with it, and tells its owner. */
  const finish = async (caller: Caller, row: FactorRow, step: WriteStep): Promise<Enrolled> => {
    const { account_id: accountId, id: factorId, kind } = row
    const at = clock.now()
    const first = await firstRecoveryCodes(accountId)
    await writeChange(context, {
      accountId, keepSessionId: caller.sessionId,
      steps: [
        step, ...first.steps,
        auditStep(caller, { at, action: 'factor-added', detail: { accountId, factorId, kind } }),
        securityEventStep(database, { at, type: 'factors-changed', severity: 'info', accountId, detail: { kind } }),
      ],
    })
    return { factor: toFactor(row, await keyRing.sealerOf(accountId)), recoveryCodes: first.recoveryCodes, provedAt: at }
  }

  return { requireRoom, finish }
}
export type Enrolling = ReturnType<typeof createEnrolling>

/** Ten codes in place of all that there were. */
export async function renewedCodes({ store, keyRing, clock }: FactorContext, accountId: string): Promise<{ readonly recoveryCodes: string[]; readonly steps: readonly WriteStep[] }> {
  const recoveryCodes = [...newRecoveryCodes()]
  const sealer = await keyRing.sealerOf(accountId)
  return { recoveryCodes, steps: [store.dropRecoveryCodes(accountId), store.putRecoveryCodes(accountId, recoveryCodes.map((code) => recoveryCodeHash(sealer, code)), clock.now())] }
}
