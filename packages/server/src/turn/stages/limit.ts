import type { Hold, Holds } from '../../domains/budgets/index.ts'
import { createAccountPlaces, type FairQueue } from '../../domains/load/index.ts'
import type { KeyDays, Reservation } from '../../domains/keys/index.ts'
import { weighRequest } from '../../domains/models/index.ts'
import type { Clock } from '../../kernel/clock.ts'
import { tokensOf } from '../../kernel/estimate-tokens.ts'
import { ProblemError } from '../../kernel/problem.ts'
import { tooMany, type RateRules } from '../../policy/rate-rules.ts'
import { refuseTooMuch } from '../../policy/too-much.ts'
import type { RateLimiter } from '../../ports/rate-limiter.ts'
import { passed } from '../passed.ts'
import { createSpending } from '../spending.ts'
import type { Admitted, Identified, Lease } from '../turn.ts'

export interface LimitDeps {
  readonly limiter: Pick<RateLimiter, 'take'>
  readonly rules: RateRules
  readonly concurrentTurns: number
  /** How long an answer may take in all: then one of those under way has ended. */
  readonly answerSeconds: number
  readonly clock: Pick<Clock, 'monotonic'>
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
export function limit({ limiter, rules, concurrentTurns, answerSeconds, clock, queue, answerTokens, keyDays, hold }: LimitDeps) {
  const places = createAccountPlaces({
    most: concurrentTurns, clock,
    refuse: (oldestSeconds) => refuseTooMuch('answers-at-once', `At most ${concurrentTurns} answers at the same time. Wait for one to end, or stop one.`, answerSeconds - oldestSeconds),
  })
  const count = async ({ caller, tellRates }: Identified): Promise<void> => {
    const { refused, standings } = await limiter.take(rules.of('turn', caller))
    tellRates(standings)
    if (refused !== null) throw tooMany(refused)
  }
  return async (turn: Identified): Promise<Admitted> => {
    const own = places.enter(turn.scope.accountId)
    const place = { seat: null as Disposable | null, [Symbol.dispose]() { own[Symbol.dispose](); this.seat?.[Symbol.dispose]() } }
    try {
      await count(turn)
      place.seat = await queue.enter({ accountId: turn.scope.accountId, provider: turn.chosen.payer.provider }, turn.signal)
      const wanted = { inputTokens: inputTokensOf(turn), outputTokens: (turn.options.maxOutputTokens ?? answerTokens) * turn.choices }
      const held = await hold(turn.caller, { ...wanted, model: turn.chosen.id, payer: turn.chosen.payer, others: turn.chosen.fallbacks })
      try {
        const reservation = await keyDays.reserve(turn.caller, wanted.inputTokens + wanted.outputTokens)
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

/** What is known to be sent by now, as often as the model, or one that takes over, must be asked for all answers. */
function inputTokensOf({ messages, tools, options, choices, chosen }: Identified): number {
  const calls = [chosen, ...chosen.fallbacks].every(({ capabilities }) => capabilities.choices) ? 1 : choices
  return tokensOf(weighRequest({ messages, tools, options, passages: [] })) * calls
}

interface Held {
  readonly place: Disposable
  readonly held: Hold | null
  readonly reservation: Reservation | null
  readonly wanted: { readonly inputTokens: number; readonly outputTokens: number }
  readonly choices: number
  readonly model: string
}

/** All that a turn holds, as one. */
const leaseOf = ({ place, held, reservation, wanted, choices, model }: Held): Lease & { answeredBy: string } => ({
  answeredBy: model, spending: createSpending(),
  answerTokens: Math.max(1, Math.floor((held?.outputTokens ?? wanted.outputTokens) / choices)),
  heldOutputTokens: held?.outputTokens ?? null, heldInputTokens: wanted.inputTokens, notices: [...held?.notices ?? []],
  extend: (inputTokens, outputTokens) => held?.extend(inputTokens, outputTokens) ?? Promise.resolve(true),
  spent: (inputTokens) => held?.spent(inputTokens) ?? Promise.resolve(new ProblemError('budget-spent')),
  async passTo({ id, payer }) {
    if (held !== null && !await held.moveTo(payer)) return false
    this.answeredBy = id
    return true
  },
  settle({ inputTokens, outputTokens }) { return [...reservation?.settle(inputTokens + outputTokens) ?? [], ...held?.settle(inputTokens, outputTokens, this.answeredBy) ?? []] },
  [Symbol.dispose]() {
    place[Symbol.dispose]()
    reservation?.release()
    held?.release()
  },
})
