import { WriteConflict, type Database } from '../../database/database.ts'
import type { Clock } from '../../kernel/clock.ts'
import { ProblemError } from '../../kernel/problem.ts'
import { refuseTooMuch } from '../../policy/too-much.ts'
import { succeed, takeTry, type GuardState } from './guard.ts'
import type { GuardStore } from './guard-store.ts'

/** Each conflict means that another try was counted, and after a few of them no more are let in. */
const MOST_CONFLICTS = 50

/** A try that was let in: when, and whether it was the last one before a lock. */
export interface CountedTry { readonly lookup: Uint8Array; readonly at: number; readonly locks: boolean }

const tooManyTries = (milliseconds: number) =>
  refuseTooMuch('tries', 'There were too many tries for this account. Wait, then try again.', milliseconds / 1_000)

/** Counts tries of passwords in the store, so that neither another address, nor another process, nor a restart gives more of them (S9). */
export function createTryCounter({ database, clock }: { readonly database: Database; readonly clock: Clock }, guards: GuardStore) {
  /** Replaces the kept state by the next one, again when another was faster. */
  const adjust = async <Result>(lookup: Uint8Array, next: (state: GuardState) => { readonly state: GuardState | null; readonly result: Result }): Promise<Result> => {
    for (let conflicts = 0; conflicts < MOST_CONFLICTS; conflicts += 1) {
      const kept = await guards.of(lookup)
      const { state, result } = next(kept)
      if (state === null) return result
      try {
        await database.write([guards.put(lookup, state, kept.version)])
        return result
      } catch (error) {
        if (!(error instanceof WriteConflict)) throw error
      }
    }
    throw new ProblemError('overloaded', { detail: 'Too many sign in at once. Try again in a moment.' })
  }
  return {
    /** Throws `too-many-requests` where one more would not be let in now. It counts nothing: it keeps those who are refused from costing a hash. */
    async requireRoom(lookup: Uint8Array, isKnown: boolean): Promise<void> {
      const at = clock.now()
      const answer = takeTry(await guards.of(lookup), at, isKnown)
      if (!answer.allowed) throw tooManyTries(answer.until - at)
    },
    /** Counts one before anybody learns whether it is right. Throws `too-many-requests`. */
    async count(lookup: Uint8Array, isKnown: boolean): Promise<CountedTry> {
      const at = clock.now()
      const answer = await adjust(lookup, (state) => {
        const taken = takeTry(state, at, isKnown)
        return { state: taken.allowed ? taken.state : null, result: taken }
      })
      if (!answer.allowed) throw tooManyTries(answer.until - at)
      return { lookup, at, locks: answer.locks }
    },
    /** Gives a right one back. */
    giveBack: ({ lookup, at }: CountedTry): Promise<null> => adjust(lookup, (state) => ({ state: succeed(state, at), result: null })),
  }
}
