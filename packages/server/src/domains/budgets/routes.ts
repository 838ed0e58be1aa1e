import type { Handlers } from '../../kernel/handler.ts'
import type { Budgets } from './service.ts'

export const budgetRoutes = (budgets: Budgets) => ({
  listBudgets: async () => ({ items: [...await budgets.list()] }),
  setBudget: async ({ caller, body }) => {
    await budgets.set(caller, body)
    return { items: [...await budgets.list()] }
  },
  setOwnCap: async ({ caller, body }) => {
    await budgets.setOwn(caller, body)
    return { items: [...await budgets.of(caller)] }
  },
  listPrices: async () => ({ items: [...await budgets.prices()] }),
  setPrice: async ({ caller, body }) => ({ items: [...await budgets.setPrice(caller, body)] }),
  removePrice: async ({ caller, body }) => ({ items: [...await budgets.removePrice(caller, body)] }),
}) satisfies Partial<Handlers>
