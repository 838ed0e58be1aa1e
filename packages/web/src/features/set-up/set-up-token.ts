import { createStore } from '../../app/store.ts'

/** The one-time token of the printed link; null where the page was opened without it. Kept in memory alone. */
export const setUpToken = createStore<string | null>(null)

/** Moves the token from the address into memory, so that it stays in no history, bookmark or screenshot. */
function takeToken(): void {
  if (location.pathname !== '/setup' || location.hash.length < 2) return
  setUpToken.set(location.hash.slice(1))
  history.replaceState(null, '', '/setup')
}

/** Takes the token at start, and when the link is opened in a tab that already shows the page: then only the fragment changes. */
export function watchSetUpLink(): void {
  takeToken()
  addEventListener('hashchange', takeToken)
}
