import type { Hold, Holds } from '../../domains/budgets/index.ts'
import type { FairQueue } from '../../domains/load/index.ts'
import type { KeyDays, Reservation } from '../../domains/keys/index.ts'
import { ProblemError } from '../../kernel/problem.ts'
import { tooMany, type RateRules } from '../../policy/rate-rules.ts'
import type { RateLimiter } from '../../ports/rate-limiter.ts'
import { estimateTokens } from '../estimate-tokens.ts'
import { passed } from '../passed.ts'
import type { Admitted, Identified, Lease } from '../turn.ts'

export interface LimitDeps {
  readonly limiter: Pick<RateLimiter, 'take'>
  readonly rules: RateRules
  readonly concurrentTurns: number
  /** Places for all turns of this process. */
  readonly queue: Pick<FairQueue, 'enter'>
  /** Tokens that an answer may have where the caller does not ask for fewer: what is reserved for it. */
  readonly answerTokens: number
  readonly keyDays: Pick<KeyDays, 'reserve'>
  readonly hold: Holds
}

/**
 * Rate and concurrency of an account's turns, and what the caller's API key is limited to, whatever the entrance. The lease frees what
 * was taken. Throws `too-many-requests`.
 */
export function limit({ limiter, rules, concurrentTurns, queue, answerTokens, keyDays, hold }: LimitDeps) {
  const running = new Map<string, number>()

  /** Takes a place, without a wait in between, so that of two at once neither slips by. */
  const enter = (accountId: string): Disposable => {
    const beside = running.get(accountId) ?? 0
    if (beside >= concurrentTurns) throw new ProblemError('too-many-requests', { detail: `At most ${concurrentTurns} answers at the same time. Wait for one to end, or stop one.`, members: { retryAfterSeconds: 1 } })
    running.set(accountId, beside + 1)
    let isFreed = false
    return {
      [Symbol.dispose]() {
        if (isFreed) return
        isFreed = true
        const left = (running.get(accountId) ?? 1) - 1
        if (left === 0) running.delete(accountId)
        else running.set(accountId, left)
      },
    }
  }
  const count = async ({ caller, tellRates }: Identified): Promise<void> => {
    const { refused, standings } = await limiter.take(rules.of('turn', caller))
    tellRates(standings)
    if (refused !== null) throw tooMany(refused)
  }
  return async (turn: Identified): Promise<Admitted> => {
    const own = enter(turn.scope.accountId)
    const place = { seat: null as Disposable | null, [Symbol.dispose]() { own[Symbol.dispose](); this.seat?.[Symbol.dispose]() } }
    try {
      await count(turn)
      place.seat = await queue.enter(turn.scope.accountId, turn.signal)
      const wanted = { inputTokens: estimateTokens(charactersOf(turn)), outputTokens: (turn.options.maxOutputTokens ?? answerTokens) * turn.choices }
      const held = await hold(turn.caller, { ...wanted, model: turn.chosen.id, others: turn.chosen.fallbacks.map(({ id }) => id) })
      try {
        const reservation = await keyDays.reserve(turn.caller.restriction, wanted.inputTokens + wanted.outputTokens)
        return passed<Admitted>({ ...turn, lease: leaseOf({ place, held, reservation, wanted, choices: turn.choices, model: turn.chosen.id }) })
      } catch (error) {
        held?.release()
        throw error
      }
    } catch (error) {
      place[Symbol.dispose]()
      throw error
    }
  }
}

const charactersOf = ({ messages }: Identified) => messages.reduce((sum, { text }) => sum + text.length, 0)

interface Held {
  readonly place: Disposable
  readonly held: Hold | null
  readonly reservation: Reservation | null
  readonly wanted: { readonly inputTokens: number; readonly outputTokens: number }
  readonly choices: number
  readonly model: string
}

/** All that a turn holds, as one. */
const leaseOf = ({ place, held, reservation, wanted, choices, model }: Held): Lease => ({
  answeredBy: model,
  answerTokens: Math.max(1, Math.floor((held?.outputTokens ?? wanted.outputTokens) / choices)),
  heldOutputTokens: held?.outputTokens ?? null, heldInputTokens: wanted.inputTokens, notices: [...held?.notices ?? []],
  extend: (inputTokens, outputTokens) => held?.extend(inputTokens, outputTokens) ?? Promise.resolve(true),
  settle({ inputTokens, outputTokens }) { return [...reservation?.settle(inputTokens + outputTokens) ?? [], ...held?.settle(inputTokens, outputTokens, this.answeredBy) ?? []] },
  [Symbol.dispose]() {
    place[Symbol.dispose]()
    reservation?.release()
    held?.release()
  },
})
