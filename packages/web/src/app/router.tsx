import type { AnchorHTMLAttributes, MouseEvent, ReactNode } from 'react'
import { createStore, useStore } from './store.ts'

export type Route =
  | { readonly name: 'set-up' }
  | { readonly name: 'chat'; readonly conversationId: string | null }
  | { readonly name: 'keys' }
  | { readonly name: 'providers' }
  | { readonly name: 'documents' }
  | { readonly name: 'account' }
  | { readonly name: 'people' }
  | { readonly name: 'groups' }
  | { readonly name: 'single-sign-on' }
  | { readonly name: 'limits' }
  | { readonly name: 'backups' }
  /** What somebody may open who is not signed in. */
  | { readonly name: 'sign-in' | 'sign-up' | 'forgotten' | 'invitation' | 'reset' | 'verify' }
  | { readonly name: 'unknown' }

/** Screens whose path is their name. */
const places = ['keys', 'providers', 'documents', 'account', 'people', 'groups', 'single-sign-on', 'limits', 'backups', 'sign-in', 'sign-up', 'forgotten', 'invitation', 'reset', 'verify'] as const

/** The screen for a path. Ids are checked by the server; here only their form. */
export function routeOf(path: string): Route {
  if (path === '/' || path === '') return { name: 'chat', conversationId: null }
  if (path === '/setup') return { name: 'set-up' }
  const place = places.find((name) => path === `/${name}`)
  if (place !== undefined) return { name: place }
  const conversationId = /^\/conversations\/(con_[0-9a-f]{32})$/.exec(path)?.[1]
  return conversationId === undefined ? { name: 'unknown' } : { name: 'chat', conversationId }
}

const path = createStore(globalThis.location?.pathname ?? '/')
globalThis.addEventListener?.('popstate', () => path.set(location.pathname))

/** Goes to a path of this page. `replace` leaves no way back to the present one. */
export function navigate(to: string, replace = false): void {
  if (replace) history.replaceState(null, '', to)
  else history.pushState(null, '', to)
  path.set(location.pathname)
}

export const useRoute = (): Route => routeOf(useStore(path))

interface LinkProps extends AnchorHTMLAttributes<HTMLAnchorElement> {
  readonly to: string
  readonly children: ReactNode
}

/** A link within the page. Clicks with a modifier stay the browser's. */
export function Link({ to, children, onClick, ...rest }: LinkProps) {
  const follow = (event: MouseEvent<HTMLAnchorElement>) => {
    onClick?.(event)
    if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return
    event.preventDefault()
    navigate(to)
  }
  return <a href={to} onClick={follow} {...rest}>{children}</a>
}
