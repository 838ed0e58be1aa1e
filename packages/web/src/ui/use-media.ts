import { useSyncExternalStore } from 'react'

/** Whether a media query holds now. */
export function useMedia(query: string): boolean {
  const media = matchMedia(query)
  return useSyncExternalStore((listener) => {
    media.addEventListener('change', listener)
    return () => media.removeEventListener('change', listener)
  }, () => media.matches)
}
/** Wide enough for the list of conversations beside the chat. */
export const useWide = (): boolean => useMedia('(min-width: 56rem)')
