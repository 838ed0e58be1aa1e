import { useCallback } from 'react'
import type { Session } from '../../app/session.ts'
import { useLoaded, type Loaded } from '../../ui/use-loaded.ts'
import { call } from '../../wire/call.ts'
import type { Key } from './key-row.tsx'

/** One's own keys, and whether one may make, change and rotate them. Seeing and revoking them takes no permission. */
export function useOwnKeys({ permissions }: Session): { readonly loaded: Loaded<{ readonly items: readonly Key[] }>; readonly mayManage: boolean } {
  const loaded = useLoaded(useCallback((signal: AbortSignal) => call('listKeys', { query: { limit: 100 } }, signal), []))
  return { loaded, mayManage: permissions.includes('key:manage') }
}
