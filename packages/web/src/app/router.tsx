import type { AnchorHTMLAttributes, MouseEvent, ReactNode } from 'react'
import { createStore, useStore } from './store.ts'

export type Route =
  | { readonly name: 'set-up' }
  | { readonly name: 'chat'; readonly conversationId: string | null }
  | { readonly name: 'keys' }
  | { readonly name: 'providers' }
  | { readonly name: 'documents' }
  | { readonly name: 'unknown' }

/** The screen for a path. Ids are checked by the server; here only their form. */
export function routeOf(path: string): Route {
  if (path === '/' || path === '') return { name: 'chat', conversationId: null }
  if (path === '/setup') return { name: 'set-up' }
  if (path === '/keys') return { name: 'keys' }
  if (path === '/providers') return { name: 'providers' }
  if (path === '/documents') return { name: 'documents' }
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
