import type { Clock } from '../../kernel/clock.ts'
import type { Caller } from '../../kernel/handler.ts'
import { spansAt } from './spans.ts'
import type { BudgetStore, Costs } from './store.ts'
import type { BudgetTable, ModelPriceTable } from './tables.ts'

/** How long a process goes by the budgets and prices that it has read. Those that it changes itself it knows at once. */
const TRUST_MILLISECONDS = 1_000

/** The budgets and prices that hold, read now and then, so that a server without budgets pays nothing for them. */
export function createBook(store: BudgetStore, clock: Clock) {
  let pages: { readonly budgets: readonly BudgetTable[]; readonly prices: readonly ModelPriceTable[] } = { budgets: [], prices: [] }
  let readAt = -Infinity
  let reading: Promise<void> | null = null

  const read = async () => {
    const [budgets, prices] = await Promise.all([store.all(), store.prices()])
    pages = { budgets, prices }
    readAt = clock.monotonic()
  }
  const fresh = async () => {
    if (clock.monotonic() - readAt < TRUST_MILLISECONDS) return pages
    reading ??= read().finally(() => { reading = null })
    await reading
    return pages
  }
  return {
    fresh,
    /** Reads at the next look. */
    outdate(): void { readAt = -Infinity },
    /** The budgets that pay for what a caller asks. */
    async of({ scope, role, credential, restriction }: Caller): Promise<readonly BudgetTable[]> {
      const { budgets } = await fresh()
      if (budgets.length === 0 || scope === null) return []
      const groups = budgets.some((budget) => budget.scope === 'group') ? await store.groupsOf(scope.accountId) : []
      const keyId = credential.kind === 'api-key' ? credential.id : restriction?.keyId
      return budgets.filter((budget) => {
        switch (budget.scope) {
          case 'all': return true
          case 'account': case 'own': return budget.subject === scope.accountId
          case 'group': return groups.includes(budget.subject)
          case 'key': return budget.subject === keyId
          case 'role': return budget.subject === role
        }
      })
    },
    /** What tokens of a model cost today. A model without a price costs no money. */
    async priceOf(model: string): Promise<(inputTokens: number, outputTokens: number) => Costs> {
      const { prices } = await fresh()
      const { day } = spansAt(clock.now())
      const named = (name: string) => prices.filter((price) => price.model === name && price.from_day <= day).at(-1)
      const price = named(model) ?? named(`${model.slice(0, model.indexOf('/'))}/*`)
      return (inputTokens, outputTokens) => ({
        tokens: inputTokens + outputTokens,
        money: price === undefined ? 0 : Math.ceil((inputTokens * price.input_price + outputTokens * price.output_price) / 1_000_000),
      })
    },
  }
}
export type Book = ReturnType<typeof createBook>
