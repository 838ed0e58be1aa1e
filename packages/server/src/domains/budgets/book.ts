import type { Clock } from '../../kernel/clock.ts'
import type { Caller } from '../../kernel/handler.ts'
import { spansAt } from './spans.ts'
import type { BudgetStore, Costs } from './store.ts'
import type { BudgetTable, ModelPriceTable, Payer } from './tables.ts'

/** Whether a budget limits what goes to a provider, whoever asks. */
export const isOfProvider = ({ scope }: Pick<BudgetTable, 'scope'>): boolean => scope === 'provider' || scope === 'credential'

/** How long a process goes by the budgets and prices that it has read. Those that it changes itself it knows at once. */
const TRUST_MILLISECONDS = 1_000

/** The budgets and prices that hold, read now and then, so that a server without budgets pays nothing for them. */
export function createBook(store: BudgetStore, clock: Clock) {
  let pages: { readonly budgets: readonly BudgetTable[]; readonly prices: readonly ModelPriceTable[] } = { budgets: [], prices: [] }
  let readAt = -Infinity
  let reading: Promise<void> | null = null

  const read = async () => {
    const [budgets, prices] = await Promise.all([store.all(), store.prices()])
    return { budgets, prices }
  }
  const begin = () => {
    const mine: Promise<void> = read().then((found) => {
      // A change that came in between may not be in what was found.
      if (reading !== mine) return
      pages = found
      readAt = clock.monotonic()
    }).finally(() => { if (reading === mine) reading = null })
    return mine
  }
  const fresh = async () => {
    while (clock.monotonic() - readAt >= TRUST_MILLISECONDS) {
      reading ??= begin()
      await reading
    }
    return pages
  }
  return {
    fresh,
    /** Reads at the next look. */
    outdate(): void {
      readAt = -Infinity
      reading = null
    },
    /** The budgets that pay for what a caller asks. */
    async of({ scope, role, keyId }: Caller): Promise<readonly BudgetTable[]> {
      const { budgets } = await fresh()
      if (budgets.length === 0 || scope === null) return []
      const groups = budgets.some((budget) => budget.scope === 'group') ? await store.groupsOf(scope.accountId) : []
      return budgets.filter((budget) => {
        switch (budget.scope) {
          case 'all': return true
          case 'account': case 'own': return budget.subject === scope.accountId
          case 'group': return groups.includes(budget.subject)
          case 'key': return budget.subject === keyId
          case 'role': return budget.subject === role
          case 'provider': case 'credential': return false
        }
      })
    },
    /** The budgets that limit a provider, and the version of its key that is in use. */
    async ofProvider(payer: Payer | undefined): Promise<readonly BudgetTable[]> {
      if (payer === undefined) return []
      return (await fresh()).budgets.filter(({ scope, subject }) => (scope === 'provider' && subject === payer.provider) || (scope === 'credential' && subject === payer.credentialId))
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
