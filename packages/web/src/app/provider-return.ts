import { isProblemCode, problems } from '../wire/contract.ts'
import { PageProblem } from '../wire/problem.ts'
import { createStore, useStore } from './store.ts'

/** What somebody brings back from an identity provider that does not end with a session: a problem, or the question for their second factor. */
export interface ProviderReturn { readonly problem: PageProblem | null; readonly pending: { readonly challenge: string; readonly factors: readonly string[] } | null }

const returned = createStore<ProviderReturn>({ problem: null, pending: null })

/** Takes it from the address, where the server put it behind the `#`, and clears the address. */
export function watchReturns(): void {
  if (location.pathname !== '/sign-in' || location.hash.length < 2) return
  returned.set(readReturn(location.hash.slice(1)))
  history.replaceState(null, '', location.pathname)
}

/** What the part behind the `#` says; nothing for what is none of ours. */
export function readReturn(fragment: string): ProviderReturn {
  const fields = new URLSearchParams(fragment)
  const code = fields.get('problem') ?? ''
  const challenge = fields.get('second-factor') ?? ''
  if (isProblemCode(code)) {
    const row: { readonly title: string; readonly advice?: string } = problems[code]
    return { problem: new PageProblem({ code, title: row.title, ...(row.advice !== undefined && { detail: row.advice }) }, null), pending: null }
  }
  return { problem: null, pending: /^[\w-]{43}$/.test(challenge) ? { challenge, factors: (fields.get('factors') ?? '').split(',') } : null }
}

/** What somebody brought back, until it is forgotten. */
export const useProviderReturn = (): ProviderReturn => useStore(returned)
export const forgetReturn = (): void => { returned.set({ problem: null, pending: null }) }
