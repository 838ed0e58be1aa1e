import type { Notice } from '@sallyport/contract'
import type { Database, WriteStep } from '../../database/database.ts'
import { writeUnlessConflict } from '../../database/write-unless-conflict.ts'
import type { Clock } from '../../kernel/clock.ts'
import type { Caller } from '../../kernel/handler.ts'
import { ProblemError } from '../../kernel/problem.ts'
import { budgetRules } from '../../policy/limits.ts'
import { actorOf, securityEventStep } from '../audit/index.ts'
import { isOfProvider, type Book } from './book.ts'
import { endOfSpan, spansAt } from './spans.ts'
import type { BudgetStore, Costs } from './store.ts'
import type { BudgetTable, Payer } from './tables.ts'
import { describeBudget } from './words.ts'

/** A model that may answer. */
export interface Answerer { readonly id: string; readonly payer?: Payer }
/** What a turn asks for: the model, those that may take over from it, the tokens that it sends, and those that its answers may have in all. */
export interface Wanted { readonly model: string; readonly payer?: Payer; readonly others?: readonly Answerer[]; readonly inputTokens: number; readonly outputTokens: number }

/** What a turn holds of its budgets. What is neither settled nor released counts as used: a crash never gives anything away. */
export interface Hold {
  /** Tokens that the answers may have now; fewer than were wanted where a budget has no more. */
  readonly outputTokens: number
  readonly notices: readonly Notice[]
  /** The problem of a turn for which `extend` found no room: which budget it is, and until when. */
  spent(inputTokens: number): Promise<ProblemError>
  /** Takes more, for an answer that grows beyond what is held. False when a budget has no room for it. */
  extend(inputTokens: number, outputTokens: number): Promise<boolean>
  /** Lets another provider's budgets hold what the first one's did, for a model that takes over. False, and nothing has changed, when one of them has no room. */
  moveTo(payer: Payer | undefined): Promise<boolean>
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
  const attempt = async (steps: readonly WriteStep[]) => steps.length === 0 || writeUnlessConflict(database, steps)
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
    // What a provider may cost is no reader's business.
    const shown = near.filter(({ budget_id: id }) => budgets.some((budget) => budget.id === id && !isOfProvider(budget)))
    return shown.length === 0 ? [] : [{ place: 'answer', type: 'budget-nearly-spent', action: 'warn', count: shown.length }]
  }
  /** Null where no budget pays for the caller, nor for any provider that may answer. Throws `budget-spent`. */
  return async (caller: Caller, { model, payer, others = [], inputTokens, outputTokens }: Wanted): Promise<Hold | null> => {
    const [own, ofProvider] = [await book.of(caller), await book.ofProvider(payer)]
    const budgets = [...own, ...ofProvider]
    let later = 0
    for (const other of others) later += (await book.ofProvider(other.payer)).length
    if (budgets.length + later === 0) return null
    const prices = new Map<string, Price>()
    for (const one of [model, ...others.map(({ id }) => id)]) prices.set(one, await book.priceOf(one))
    // Whichever of them answers, there is enough.
    const price: Price = (input, output) => [...prices.values()].map((of) => of(input, output)).reduce((dear, cost) => (cost.money > dear.money ? cost : dear))
    const spans = spansAt(clock.now())
    const reserve = (ids: readonly string[], costs: Costs): readonly WriteStep[] => (ids.length === 0 ? [] : [store.reserve(ids, spans, costs)])
    const ids = idsOf(budgets)
    let granted = outputTokens
    for (let tries = 1; !await attempt(reserve(ids, price(inputTokens, granted))); tries += 1) {
      const { budget, tokens } = await roomFor(budgets, inputTokens, price)
      if (tries === TRIES || tokens < Math.min(outputTokens, budgetRules.leastAnswerTokens)) throw spent(budget, clock.now())
      granted = Math.min(granted, tokens)
    }
    return holdOf({
      price, priceOf: (answered) => prices.get(answered ?? model) ?? price, held: { input: inputTokens, output: granted }, notices: await warn(budgets, caller),
      spent: async (more) => spent((await roomFor(budgets, more, price)).budget, clock.now()),
      own: idsOf(own), ofProvider: idsOf(ofProvider), reserve, attempt, settle: (of, costs) => (of.length === 0 ? [] : [store.settle(of, spans, costs)]),
      async payersOf(next) {
        const found = await book.ofProvider(next)
        return { ids: idsOf(found), warn: () => warn(found, caller) }
      },
    })
  }
}
export type Holds = ReturnType<typeof createHolds>

const idsOf = (budgets: readonly BudgetTable[]) => budgets.map(({ id }) => id)
type Price = (inputTokens: number, outputTokens: number) => Costs
interface HoldParts {
  readonly price: Price
  readonly priceOf: (model: string | undefined) => Price
  readonly held: { input: number; output: number }
  readonly notices: readonly Notice[]
  /** The budgets that pay whoever answers, and those of the provider that is asked first. */
  readonly own: readonly string[]
  readonly ofProvider: readonly string[]
  readonly reserve: (ids: readonly string[], costs: Costs) => readonly WriteStep[]
  readonly settle: (ids: readonly string[], costs: Costs) => readonly WriteStep[]
  /** Writes all of it or nothing: false where a budget has no room. */
  readonly attempt: (steps: readonly WriteStep[]) => Promise<boolean>
  readonly spent: Hold['spent']
  readonly payersOf: (payer: Payer | undefined) => Promise<{ readonly ids: readonly string[]; readonly warn: () => Promise<unknown> }>
}

function holdOf({ price, priceOf, held, notices, own, ofProvider, reserve, settle, attempt, payersOf, spent: problemOf }: HoldParts): Hold {
  // Sums of rounded costs are not the cost of the sum: what is held is added up as it was taken.
  let holding = price(held.input, held.output)
  let paying = ofProvider
  let isOpen = true
  const back = () => ({ tokens: -holding.tokens, money: -holding.money })
  // In the order of their ids, so that no two writers wait for each other.
  const all = () => [...own, ...paying].toSorted()
  return {
    outputTokens: held.output, notices, spent: problemOf,
    async extend(inputTokens, outputTokens) {
      const more = price(inputTokens, outputTokens)
      if (!await attempt(reserve(all(), more))) return false
      holding = { tokens: holding.tokens + more.tokens, money: holding.money + more.money }
      return true
    },
    async moveTo(payer) {
      const { ids, warn } = await payersOf(payer)
      const [fresh, left] = [ids.filter((id) => !paying.includes(id)), paying.filter((id) => !ids.includes(id))]
      if (!await attempt([...reserve(fresh, holding), ...settle(left, back())])) return false
      paying = ids
      if (fresh.length > 0) await warn()
      return true
    },
    settle(inputTokens, outputTokens, model) {
      isOpen = false
      const used = priceOf(model)(inputTokens, outputTokens)
      return settle(all(), { tokens: used.tokens - holding.tokens, money: used.money - holding.money })
    },
    release() {
      if (!isOpen) return
      isOpen = false
      // When it is lost, there is less for this period.
      attempt(settle(all(), back())).catch(() => undefined)
    },
  }
}

/** The problem of everyone whose budget has no room. */
function spent(budget: BudgetTable, now: number): ProblemError {
  const retryAfterSeconds = Math.ceil((endOfSpan(budget.period, now) - now) / 1_000)
  const until = budget.period === 'day' ? 'midnight UTC' : 'the first of the month, UTC'
  return new ProblemError('budget-spent', { detail: `${describeBudget(budget)} has no room for this. Ask for less, wait until ${until}, ${isOfProvider(budget) ? 'choose a model of another provider, ' : ''}or ask ${budget.scope === 'own' ? 'yourself: you set it on your account page' : 'an administrator for more'}.`, members: { retryAfterSeconds } })
}
