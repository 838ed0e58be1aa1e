import type { Budget, Price } from '@sallyport/contract'
import { WriteConflict, type Database } from '../../database/database.ts'
import { toMoment, type Clock } from '../../kernel/clock.ts'
import type { Caller } from '../../kernel/handler.ts'
import type { NamesOf } from '../../kernel/names.ts'
import { ProblemError } from '../../kernel/problem.ts'
import { requireScope } from '../../kernel/require-scope.ts'
import { budgetRules } from '../../policy/limits.ts'
import { auditStep } from '../audit/index.ts'
import { createBook } from './book.ts'
import { createHolds } from './hold.ts'
import { endOfSpan, spansAt } from './spans.ts'
import { createBudgetStore } from './store.ts'
import type { IsSubject } from './subjects.ts'
import type { BudgetTable, ModelPriceTable } from './tables.ts'

const MILLION = 1_000_000
const DAY_MILLISECONDS = 86_400_000

/** A budget as somebody sets it; null removes it. */
export interface BudgetSetting { readonly scope: BudgetTable['scope']; readonly subject: string; readonly period: BudgetTable['period']; readonly unit: BudgetTable['unit']; readonly amount: number | null }

export interface BudgetDeps { readonly database: Database; readonly clock: Clock; readonly isSubject: IsSubject; /** What accounts, groups and API keys are called. */ readonly namesOf: NamesOf }

/** Budgets in tokens and money, and what models cost (LIM-6). */
export function createBudgets({ database, clock, isSubject, namesOf }: BudgetDeps) {
  const store = createBudgetStore(database)
  const book = createBook(store, clock)

  const standing = async (budgets: readonly BudgetTable[], names: ReadonlyMap<string, string> = new Map()): Promise<readonly Budget[]> => {
    const now = clock.now()
    const uses = new Map((await store.uses(budgets.map(({ id }) => id), spansAt(now))).map((use) => [use.budget_id, use.used]))
    const inUnits = (unit: BudgetTable['unit'], amount: number) => (unit === 'money' ? amount / MILLION : amount)
    return budgets.map(({ id, scope, subject, period, unit, amount }) => {
      const used = uses.get(id) ?? 0
      return { scope, subject, name: names.get(subject) ?? null, period, unit, amount: inUnits(unit, amount), used: inUnits(unit, used), isNearlySpent: used >= amount * budgetRules.warnAtShare, resetsAt: toMoment(endOfSpan(period, now)) }
    })
  }
  const current = async () => {
    book.outdate()
    return (await book.fresh()).budgets
  }
  const prices = async (): Promise<readonly Price[]> => {
    book.outdate()
    return (await book.fresh()).prices.map(toPrice)
  }
  return {
    hold: createHolds({ database, store, book, clock }),
    /** What tokens of a model cost today. */
    costOf: book.priceOf,
    /** The budgets that pay for a caller, and how they stand. */
    async of(caller: Caller): Promise<readonly Budget[]> { return standing(await book.of(caller)) },
    /** All budgets, with what their subjects are called. */
    async list(): Promise<readonly Budget[]> {
      const budgets = await current()
      const of = (scope: BudgetTable['scope']) => budgets.filter((budget) => budget.scope === scope).map(({ subject }) => subject)
      const [named, credentials] = await Promise.all([namesOf({ accounts: [...of('account'), ...of('own')], groups: of('group'), keys: of('key') }), store.credentialNames(of('credential'))])
      return standing(budgets, new Map([...named, ...credentials]))
    },
    /** Sets a budget, or removes it. What was used in its period stays counted. Throws `invalid-request` where there is nobody whom it would be for. */
    async set(caller: Caller, { scope, subject, period, unit, amount }: BudgetSetting): Promise<void> {
      if (amount !== null && !await isSubject({ scope, subject })) throw unknownSubject(scope)
      const id = [scope, subject, period, unit].join(' ')
      const at = clock.now()
      const step = amount === null ? store.remove(id) : store.put({ id, scope, subject, period, unit, amount: Math.round(unit === 'money' ? amount * MILLION : amount), set_at: at })
      await database.write([step, auditStep(caller, { at, action: 'budget-set', detail: { scope, subject, period, unit, amount } })])
      book.outdate()
    },
    /** Sets a cap of the caller's own. It stands beside the budgets of others and can only be tighter than these. */
    async setOwn(caller: Caller, setting: Omit<BudgetSetting, 'scope' | 'subject'>): Promise<void> {
      await this.set(caller, { ...setting, scope: 'own', subject: requireScope(caller).accountId })
    },
    /** Steps that end what an account has of budgets. */
    eraseSteps: (accountId: string) => [store.removeOf(accountId)],
    prices,
    async setPrice(caller: Caller, { model, from, inputPerMillion, outputPerMillion }: Price): Promise<readonly Price[]> {
      const row = { model, from_day: dayOf(from), input_price: Math.round(inputPerMillion * MILLION), output_price: Math.round(outputPerMillion * MILLION) }
      await database.write([store.putPrice(row), auditStep(caller, { at: clock.now(), action: 'price-set', detail: { model, from, inputPerMillion, outputPerMillion } })])
      return prices()
    },
    async removePrice(caller: Caller, { model, from }: Pick<Price, 'model' | 'from'>): Promise<readonly Price[]> {
      try {
        await database.write([store.removePrice(model, dayOf(from)), auditStep(caller, { at: clock.now(), action: 'price-removed', detail: { model, from } })])
      } catch (error) {
        throw error instanceof WriteConflict ? new ProblemError('not-found') : error
      }
      return prices()
    },
    /** Removes what was used in periods that are long over. */
    forget: () => database.write([store.forget(spansAt(clock.now()))]),
  }
}
const subjectWords: Readonly<Record<BudgetTable['scope'], string>> = { all: 'server', account: 'account', own: 'account', group: 'group', key: 'API key', role: 'role', provider: 'provider', credential: 'version of a provider\'s key' }
function unknownSubject(scope: BudgetTable['scope']): ProblemError {
  const detail = `There is no such ${subjectWords[scope]}: the budget would hold for nobody. Check its ${scope === 'provider' ? 'name' : 'id'}.`
  return new ProblemError('invalid-request', { detail, members: { errors: [{ pointer: '/subject', detail }] } })
}
export type Budgets = ReturnType<typeof createBudgets>

const dayOf = (date: string) => Math.floor(Date.parse(`${date}T00:00:00Z`) / DAY_MILLISECONDS)
const toPrice = ({ model, from_day: fromDay, input_price: input, output_price: output }: ModelPriceTable): Price =>
  ({ model, from: toMoment(fromDay * DAY_MILLISECONDS).slice(0, 10), inputPerMillion: input / MILLION, outputPerMillion: output / MILLION })
