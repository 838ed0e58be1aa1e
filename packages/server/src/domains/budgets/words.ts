import type { BudgetTable } from './tables.ts'

const whose: Readonly<Record<BudgetTable['scope'], string>> = { all: 'this server', account: 'this account', group: 'a group of this account', key: 'this API key', role: 'this role', provider: 'this provider', credential: 'this provider', own: 'your own cap' }

/** A budget in words for whom it pays. It names nobody else. */
export function describeBudget({ scope, period, unit, amount }: Pick<BudgetTable, 'scope' | 'period' | 'unit' | 'amount'>): string {
  const what = unit === 'tokens' ? `${amount.toLocaleString('en')} tokens` : (amount / 1_000_000).toLocaleString('en', { maximumFractionDigits: 6 })
  return scope === 'own' ? `Your own cap of ${what} a ${period}` : `The budget of ${what} a ${period} for ${whose[scope]}`
}
