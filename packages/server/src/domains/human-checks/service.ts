import { createHmac, type KeyObject } from 'node:crypto'
import type { HumanCheckOffer, OperationId } from '@sallyport/contract'
import { addressKey } from '../../kernel/address-key.ts'
import type { Caller } from '../../kernel/handler.ts'
import { ProblemError } from '../../kernel/problem.ts'
import { canBeAsked, effortAt, humanCheckOf, humanCheckRules } from '../../policy/human-check.ts'
import { punishedFor } from '../../policy/penalties.ts'
import type { HumanCheck, HumanCheckPurpose } from '../../ports/human-check.ts'
import type { RateLimiter } from '../../ports/rate-limiter.ts'
import type { Penalties } from '../penalties/index.ts'

export interface HumanCheckParts {
  readonly check: HumanCheck
  readonly penalties: Pick<Penalties, 'suspicionOf' | 'note' | 'relieve'>
  /** Counts in the store: which solutions were used. A Redis may forget, and then two processes would take the same one. */
  readonly used: Pick<RateLimiter, 'take'>
  /** Binds what is given to one operation and one caller. */
  readonly key: KeyObject
  /** Tries that the easiest check takes. */
  readonly counters: number
  readonly signUpAlways: boolean
}
/** One call that may need a check; `answer` is what it brings. */
export interface HumanCheckCall { readonly operationId: OperationId; readonly caller: Caller; readonly answer: string | null }

/** Asks those whose points are many, and nobody else, to show that they are no program (LIM-4). Which calls, and how hard, policy says. */
export function createHumanChecks({ check, penalties, used, key, counters, signUpAlways }: HumanCheckParts) {
  const purposeOf = ({ operationId, caller: { address, scope } }: HumanCheckCall): HumanCheckPurpose => ({
    action: operationId, bound: createHmac('sha256', key).update([operationId, addressKey(address), scope?.accountId ?? ''].join('\n')).digest('base64url'),
  })
  const isUnused = async (id: string): Promise<boolean> =>
    (await used.take([{ name: 'human-check', key: id, count: 1, windowSeconds: humanCheckRules.rememberedSeconds }])).refused === null
  return {
    /**
     * True when a check was asked for and solved, false when none was needed. Throws `human-check-needed` with what to solve, and
     * `human-check-unavailable` where nobody can tell: then nobody is let in.
     */
    async require(call: HumanCheckCall): Promise<boolean> {
      const { operationId, caller, answer } = call
      const row = humanCheckOf(operationId)
      const subject = punishedFor(caller)
      if (row === null || subject === null || !canBeAsked(caller)) return false
      const { share, isChallenged } = penalties.suspicionOf(subject)
      if (!isChallenged && !(row.when === 'new-account' && signUpAlways)) return false
      const purpose = purposeOf(call)
      const needed = async () => needsCheck(await check.offer(purpose, counters * effortAt(share)))
      if (answer === null) throw await needed()
      const verdict = await check.judge(answer, purpose)
      if (verdict.outcome === 'unavailable') throw new ProblemError('human-check-unavailable', { detail: 'Try again in a moment. If it goes on, tell your administrator.', cause: verdict.cause })
      const isGood = verdict.outcome === 'human' && await isUnused(verdict.id)
      if (!isGood) {
        // Whoever was merely slow pays nothing for it.
        if (verdict.outcome !== 'stale') penalties.note(subject, 'wrong-human-check')
        throw await needed()
      }
      if (isChallenged) await penalties.relieve(subject, humanCheckRules.relievesShare)
      return true
    },
  }
}
export type HumanChecks = ReturnType<typeof createHumanChecks>

const needsCheck = (humanCheck: HumanCheckOffer) => new ProblemError('human-check-needed', { members: { humanCheck } })
