import type { Budget } from '@sallyport/contract'

/** Whose a budget is, before the name of whom. */
export const scopeWords: Readonly<Record<Budget['scope'], string>> = {
  all: 'Everybody together', role: 'Role', group: 'Group', account: 'Account', key: 'API key', own: 'Own cap of', provider: 'Provider', credential: 'Key of a provider',
}
const numbers = new Intl.NumberFormat('en', { maximumFractionDigits: 2 })

/** So many tokens, or so much money. */
export const amountWords = (amount: number, unit: Budget['unit']): string => (unit === 'tokens' ? `${numbers.format(amount)} tokens` : numbers.format(amount))
