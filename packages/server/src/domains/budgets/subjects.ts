import type { BudgetStore } from './store.ts'
import type { BudgetTable } from './tables.ts'

/** Whether there is somebody, or something, whom a budget would be for. */
export type IsSubject = (budget: Pick<BudgetTable, 'scope' | 'subject'>) => Promise<boolean>

/** Looks for accounts, groups, API keys and versions of providers' keys in the store, and for providers among those that can be called. The wire lets in no other roles than there are. */
export function createIsSubject(store: Pick<BudgetStore, 'has'>, hasProvider: (name: string) => boolean): IsSubject {
  return async ({ scope, subject }) => {
    switch (scope) {
      case 'all': case 'role': return true
      case 'provider': return hasProvider(subject)
      case 'account': case 'own': return store.has('account', subject)
      case 'group': return store.has('account_group', subject)
      case 'key': return store.has('api_key', subject)
      case 'credential': return store.has('provider_credential', subject)
    }
  }
}
