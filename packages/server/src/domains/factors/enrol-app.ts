import type { TotpEnrolment } from '@sallyport/contract'
import { WriteConflict } from '../../database/database.ts'
import { toMoment } from '../../kernel/clock.ts'
import type { Caller } from '../../kernel/handler.ts'
import { newId } from '../../kernel/ids.ts'
import { ProblemError } from '../../kernel/problem.ts'
import { requireScope } from '../../kernel/require-scope.ts'
import { factorEnrolmentSeconds } from '../../policy/limits.ts'
import { namePlace, secretPlace, type FactorContext } from './context.ts'
import type { Enrolled, Enrolling } from './enrol.ts'
import { wrongSecondFactor } from './refusals.ts'
import { clockDifference, describeSeed, matchStep, newSeed } from './totp.ts'

/** Setting up an authenticator app. */
export const createAppEnrolment = (context: FactorContext, { requireRoom, finish }: Enrolling) => {
  const { database, store, keyRing, clock } = context

  return {
    /** A new seed for an authenticator app, shown this once. It proves nothing until a code of it was given. */
    async beginTotp(caller: Caller, { name }: { readonly name: string }): Promise<TotpEnrolment> {
      const { accountId } = requireScope(caller)
      await requireRoom(accountId, 'totp')
      const at = clock.now()
      const id = newId('factor', at)
      const seed = newSeed()
      const sealer = await keyRing.sealerOf(accountId)
      await database.write([
        store.removeUnconfirmed(accountId),
        store.insert({
          id, account_id: accountId, kind: 'totp', name_sealed: sealer.seal(namePlace(id), name), secret_sealed: sealer.seal(secretPlace(id), seed.toString('base64')), counter: 0, credential_digest: null, domain: null, is_synced: 0, created_at: at, confirmed_at: null, last_used_at: null, suspended_at: null,
        }),
      ])
      return { factorId: id, ...describeSeed(seed, (await context.account(accountId)).email), expiresAt: toMoment(at + factorEnrolmentSeconds * 1_000) }
    },
    /** The first code shows that the app has the seed. Throws `wrong-second-factor`, which says so where the app's clock is wrong. */
    async confirmTotp(caller: Caller, { factorId, code }: { readonly factorId: string; readonly code: string }): Promise<Enrolled> {
      const { accountId } = requireScope(caller)
      const at = clock.now()
      const row = await store.byId(accountId, factorId)
      if (row === undefined || row.kind !== 'totp' || row.confirmed_at !== null || row.created_at <= at - factorEnrolmentSeconds * 1_000) {
        throw new ProblemError('not-found', { detail: 'This authenticator app was confirmed already, or waited too long. Begin again.' })
      }
      const seed = Buffer.from((await keyRing.sealerOf(accountId)).open(secretPlace(row.id), row.secret_sealed), 'base64')
      const step = matchStep(seed, code, at)
      if (step === null) throw wrongSecondFactor(describeMiss(clockDifference(seed, code, at)))
      try {
        return await finish(caller, { ...row, counter: step, confirmed_at: at, last_used_at: at }, store.confirm(accountId, row.id, { at, counter: step }))
      } catch (error) {
        throw error instanceof WriteConflict ? new ProblemError('conflict', { detail: 'It was confirmed at this very moment.' }) : error
      }
    },
  }
}

const describeMiss = (secondsAhead: number | null) => (secondsAhead === null
  ? 'Give the code that the app shows now.'
  : `The clock of the app's device is about ${Math.round(Math.abs(secondsAhead) / 30) / 2} minutes ${secondsAhead > 0 ? 'ahead of' : 'behind'} the server's. Set it, then give a new code.`)
