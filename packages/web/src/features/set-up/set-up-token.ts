/**
 * Takes the set-up token out of the address: read once at start and removed from the address bar, so that it stays in no
 * history, bookmark or screenshot. Null where there is none.
 */
export function takeToken(): string | null {
  if (location.pathname !== '/setup' || location.hash.length < 2) return null
  const token = location.hash.slice(1)
  history.replaceState(null, '', '/setup')
  return token
}
