import type { Notice } from '@sallyport/contract'
import { WriteConflict, type Database, type WriteStep } from '../../database/database.ts'
import type { Clock } from '../../kernel/clock.ts'
import type { Caller } from '../../kernel/handler.ts'
import { ProblemError } from '../../kernel/problem.ts'
import { budgetRules } from '../../policy/limits.ts'
import { actorOf, securityEventStep } from '../audit/index.ts'
import type { Book } from './book.ts'
import { endOfSpan, spansAt } from './spans.ts'
import type { BudgetStore, Costs } from './store.ts'
import type { BudgetTable } from './tables.ts'
import { describeBudget } from './words.ts'

/** What a turn asks for: the model, those that may take over from it, the tokens that it sends, and those that its answers may have in all. */
export interface Wanted { readonly model: string; readonly others?: readonly string[]; readonly inputTokens: number; readonly outputTokens: number }

/** What a turn holds of its budgets. What is neither settled nor released counts as used: a crash never gives anything away. */
export interface Hold {
  /** Tokens that the answers may have now; fewer than were wanted where a budget has no more. */
  readonly outputTokens: number
  readonly notices: readonly Notice[]
  /** Takes more, for an answer that grows beyond what is held. False when a budget has no room for it. */
  extend(inputTokens: number, outputTokens: number): Promise<boolean>
  /** The steps that put what was used in the place of what is held, at the price of the model that answered; for the batch that ends the turn. */
  settle(inputTokens: number, outputTokens: number, model?: string): readonly WriteStep[]
  /** Gives everything back, for a turn that never reached its model. Nothing happens after `settle`. */
  release(): void
}

interface HoldDeps { readonly database: Database; readonly store: BudgetStore; readonly book: Book; readonly clock: Clock }
/** Others may take what was left between a look and a try. */
const TRIES = 4

/** Reserves before a model is called, and settles behind it, whatever the entrance. */
export function createHolds({ database, store, book, clock }: HoldDeps) {
  const take = async (ids: readonly string[], costs: Costs, spans: Spans): Promise<boolean> => {
    try {
      await database.write([store.reserve(ids, spans, costs)])
      return true
    } catch (error) {
      if (error instanceof WriteConflict) return false
      throw error
    }
  }
  /** The most output that every budget has room for now; the budget with the least room with it. */
  const roomFor = async (budgets: readonly BudgetTable[], inputTokens: number, price: Price) => {
    const uses = new Map((await store.uses(budgets.map(({ id }) => id), spansAt(clock.now()))).map(({ budget_id, used }) => [budget_id, used]))
    const rooms = budgets.map((budget) => {
      const left = budget.amount - (uses.get(budget.id) ?? 0) - price(inputTokens, 0)[budget.unit]
      const perMillion = price(0, 1_000_000)[budget.unit]
      return { budget, tokens: left < 0 ? -1 : perMillion === 0 ? Infinity : Math.floor((left * 1_000_000) / perMillion) }
    })
    return rooms.reduce((least, room) => (room.tokens < least.tokens ? room : least))
  }
  const warn = async (budgets: readonly BudgetTable[], caller: Caller): Promise<readonly Notice[]> => {
    const at = clock.now()
    const near = (await store.uses(budgets.map(({ id }) => id), spansAt(at))).filter(({ used, amount }) => used >= amount * budgetRules.warnAtShare)
    for (const { budget_id: id, warned_at: warnedAt } of near) {
      const budget = budgets.find((one) => one.id === id)
      if (warnedAt !== null || budget === undefined) continue
      const event = securityEventStep(database, { at, type: 'budget-nearly-spent', severity: 'low', accountId: actorOf(caller), detail: { scope: budget.scope, subject: budget.subject, period: budget.period, unit: budget.unit } })
      // Somebody else was first, or the store is out of reach: then the answer's own batch says so.
      await database.write([store.markWarned(id, spansAt(at), at), event]).catch(() => undefined)
    }
    return near.length === 0 ? [] : [{ place: 'answer', type: 'budget-nearly-spent', action: 'warn', count: near.length }]
  }
  /** Null where no budget pays for the caller. Throws `budget-spent`. */
  return async (caller: Caller, { model, others = [], inputTokens, outputTokens }: Wanted): Promise<Hold | null> => {
    const budgets = await book.of(caller)
    if (budgets.length === 0) return null
    const prices = new Map<string, Price>()
    for (const one of [model, ...others]) prices.set(one, await book.priceOf(one))
    // Whichever of them answers, there is enough.
    const price: Price = (input, output) => [...prices.values()].map((of) => of(input, output)).reduce((dear, cost) => (cost.money > dear.money ? cost : dear))
    const ids = budgets.map(({ id }) => id)
    const spans = spansAt(clock.now())
    let granted = outputTokens
    for (let tries = 1; !await take(ids, price(inputTokens, granted), spans); tries += 1) {
      const { budget, tokens } = await roomFor(budgets, inputTokens, price)
      if (tries === TRIES || tokens < Math.min(outputTokens, budgetRules.leastAnswerTokens)) throw spent(budget, clock.now())
      granted = Math.min(granted, tokens)
    }
    return holdOf({ price, priceOf: (answered) => prices.get(answered ?? model) ?? price, held: { input: inputTokens, output: granted }, notices: await warn(budgets, caller), take: (costs) => take(ids, costs, spans), settle: (costs) => store.settle(ids, spans, costs), write: (step) => database.write([step]) })
  }
}
export type Holds = ReturnType<typeof createHolds>

type Spans = ReturnType<typeof spansAt>
type Price = (inputTokens: number, outputTokens: number) => Costs
interface HoldParts {
  readonly price: Price
  readonly priceOf: (model: string | undefined) => Price
  readonly held: { input: number; output: number }
  readonly notices: readonly Notice[]
  readonly take: (costs: Costs) => Promise<boolean>
  readonly settle: (costs: Costs) => WriteStep
  readonly write: (step: WriteStep) => Promise<void>
}

function holdOf({ price, priceOf, held, notices, take, settle, write }: HoldParts): Hold {
  // Sums of rounded costs are not the cost of the sum: what is held is added up as it was taken.
  let holding = price(held.input, held.output)
  let isOpen = true
  return {
    outputTokens: held.output, notices,
    async extend(inputTokens, outputTokens) {
      const more = price(inputTokens, outputTokens)
      if (!await take(more)) return false
      holding = { tokens: holding.tokens + more.tokens, money: holding.money + more.money }
      return true
    },
    settle(inputTokens, outputTokens, model) {
      isOpen = false
      const used = priceOf(model)(inputTokens, outputTokens)
      return [settle({ tokens: used.tokens - holding.tokens, money: used.money - holding.money })]
    },
    release() {
      if (!isOpen) return
      isOpen = false
      // When it is lost, there is less for this period.
      write(settle({ tokens: -holding.tokens, money: -holding.money })).catch(() => undefined)
    },
  }
}

/** The problem of everyone whose budget has no room. */
function spent(budget: BudgetTable, now: number): ProblemError {
  const retryAfterSeconds = Math.ceil((endOfSpan(budget.period, now) - now) / 1_000)
  const until = budget.period === 'day' ? 'midnight UTC' : 'the first of the month, UTC'
  return new ProblemError('budget-spent', { detail: `${describeBudget(budget)} has no room for this. Ask for less, wait until ${until}, or ask ${budget.scope === 'own' ? 'yourself: you set it on your account page' : 'an administrator for more'}.`, members: { retryAfterSeconds } })
}
