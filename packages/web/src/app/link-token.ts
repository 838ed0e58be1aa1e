import { createStore, useStore } from './store.ts'

/** The pages that one-time links open. */
const linkPages = ['/setup', '/invitation', '/reset', '/verify'] as const
export type LinkPage = (typeof linkPages)[number]

/** The one-time token of the link that was opened; null where its page was opened without one. Kept in memory alone. */
const linkToken = createStore<{ readonly page: LinkPage; readonly token: string } | null>(null)

/** Moves the token from the address into memory, so that it stays in no history, bookmark or screenshot. */
function takeToken(): void {
  const page = linkPages.find((one) => one === location.pathname)
  if (page === undefined || location.hash.length < 2) return
  linkToken.set({ page, token: location.hash.slice(1) })
  history.replaceState(null, '', page)
}

/** Takes the token at start, and when a link is opened in a tab that already shows the page: then only the fragment changes. */
export function watchLinks(): void {
  takeToken()
  addEventListener('hashchange', takeToken)
}

/** The token that came with a page's link. */
export function useLinkToken(page: LinkPage): string | null {
  const taken = useStore(linkToken)
  return taken?.page === page ? taken.token : null
}
