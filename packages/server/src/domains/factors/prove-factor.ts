import type { SecondFactorProof } from '@sallyport/contract'
import { WriteConflict, type WriteStep } from '../../database/database.ts'
import type { Caller } from '../../kernel/handler.ts'
import { auditStep, securityEventStep } from '../audit/index.ts'
import { isUsable, secretPlace, type FactorContext } from './context.ts'
import { recoveryCodeHash } from './recovery-codes.ts'
import { signInExpired, tooManyProofs, wrongSecondFactor } from './refusals.ts'
import type { FactorStore } from './store.ts'
import type { FactorGuardTable } from './tables.ts'
import { matchStep } from './totp.ts'
import type { UsePasskey } from './use-passkey.ts'

export interface ProofAttempt {
  readonly accountId: string
  readonly proof: SecondFactorProof
  /** The host that the request was sent to; passkeys are bound to it. */
  readonly host: string
  /** The sign-in that this belongs to, the step that takes one of its tries, and the one that uses it up. */
  readonly parent: { readonly digest: Uint8Array; readonly take: WriteStep; readonly use: WriteStep } | null
}

/** The steps that use a right proof up, in the order in which every batch takes these rows: guard, challenge, factor. */
export type ProvenSteps = readonly WriteStep[]
const toSteps = ({ accountId, parent }: ProofAttempt, store: FactorStore, uses: readonly WriteStep[]): ProvenSteps => [store.forgiveTries(accountId), ...(parent === null ? [] : [parent.use]), ...uses]

/**
 * Looks at a proof of a second factor. A try is counted in the store before the code is looked at, and a right code is used up by the
 * steps that this gives: whoever's batch is second finds it gone. Throws `wrong-second-factor`, `sign-in-expired` and `too-many-requests`.
 */
export function createProving(context: FactorContext, usePasskey: UsePasskey) {
  const { database, store, keyRing, clock } = context

  const countTry = async ({ accountId, parent }: ProofAttempt, kind: FactorGuardTable['kind'] | null): Promise<void> => {
    const now = clock.now()
    try {
      await database.write([...(kind === null ? [] : store.takeTry(accountId, kind, now)), ...(parent === null ? [] : [parent.take])])
    } catch (error) {
      if (!(error instanceof WriteConflict)) throw error
      const guard = kind === null ? undefined : await store.guardOf(accountId, kind)
      if (guard !== undefined && guard.next_at > now) throw tooManyProofs(guard.next_at - now)
      throw signInExpired()
    }
  }

  const refuse = async (caller: Caller, accountId: string, kind: FactorGuardTable['kind']): Promise<never> => {
    const at = clock.now()
    const failures = (await store.guardOf(accountId, kind))?.failures ?? 1
    await database.write([
      auditStep(caller, { at, action: 'second-factor-refused', outcome: 'refused', detail: { accountId, kind, failures } }),
      // Whoever comes so far has the password already, or a session.
      securityEventStep(database, { at, type: 'second-factor-refused', severity: failures >= 5 ? 'high' : 'medium', accountId, detail: { kind, failures } }),
    ])
    throw wrongSecondFactor(kind === 'totp' ? 'Wait for the next code of the app and give that one; each works once. Check that the clock of its device is right.' : 'Check it, or take another one of the list: each works once.')
  }

  const proveCode = async (caller: Caller, attempt: ProofAttempt, code: string): Promise<ProvenSteps> => {
    const { accountId } = attempt
    await countTry(attempt, 'totp')
    const now = clock.now()
    const sealer = await keyRing.sealerOf(accountId)
    const apps = (await store.ofAccount(accountId)).filter((row) => row.kind === 'totp' && isUsable(row))
    // Every app is looked at, so that the time does not tell which one it was.
    const matches = apps.map((row) => ({ row, step: matchStep(Buffer.from(sealer.open(secretPlace(row.id), row.secret_sealed), 'base64'), code, now) }))
    const match = matches.find(({ row, step }) => step !== null && step > row.counter)
    if (match === undefined || match.step === null) return refuse(caller, accountId, 'totp')
    return toSteps(attempt, store, [store.advance(match.row.id, { at: now, counter: match.step })])
  }

  const proveRecoveryCode = async (caller: Caller, attempt: ProofAttempt, code: string): Promise<ProvenSteps> => {
    const { accountId } = attempt
    await countTry(attempt, 'recovery-code')
    const at = clock.now()
    const hash = recoveryCodeHash(await keyRing.sealerOf(accountId), code)
    if (!(await store.hasRecoveryCode(accountId, hash))) return refuse(caller, accountId, 'recovery-code')
    return toSteps(attempt, store, [
      store.takeRecoveryCode(accountId, hash),
      auditStep(caller, { at, action: 'recovery-code-used', detail: { accountId } }),
      securityEventStep(database, { at, type: 'recovery-code-used', severity: 'low', accountId }),
    ])
  }

  return {
    async check(caller: Caller, attempt: ProofAttempt): Promise<ProvenSteps> {
      const { accountId, proof, host, parent } = attempt
      if ('code' in proof) return proveCode(caller, attempt, proof.code)
      if ('recoveryCode' in proof) return proveRecoveryCode(caller, attempt, proof.recoveryCode)
      await countTry(attempt, null)
      const { use } = await usePasskey(caller, { assertion: proof.assertion, host, binding: { purpose: 'passkey-proof', accountId, parent: parent?.digest ?? null } })
      return toSteps(attempt, store, [use])
    },
    /** Writes what a right proof leads to; of two at once with one code, one is told that it was used. */
    async useUp(steps: readonly WriteStep[]): Promise<void> {
      try {
        await database.write(steps)
      } catch (error) {
        throw error instanceof WriteConflict ? wrongSecondFactor('It was used at this very moment. Give the next one.') : error
      }
    },
  }
}
export type Proving = ReturnType<typeof createProving>
