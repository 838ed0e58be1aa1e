import { useCallback, useEffect, useLayoutEffect, useRef, useState, type RefObject } from 'react'

/** Closer to the end than this, the reader is taken to follow the answer. */
const nearPixels = 80

/** Keeps the end in view while the reader is there, and leaves them alone once they scroll up. */
export function useScrollToEnd(entries: readonly unknown[], pending: string | null): { area: RefObject<HTMLDivElement | null>; away: boolean; toEnd: () => void } {
  const area = useRef<HTMLDivElement>(null)
  const following = useRef(true)
  const [away, setAway] = useState(false)
  useEffect(() => {
    const element = area.current
    if (element === null) return
    const look = (): void => {
      following.current = element.scrollHeight - element.scrollTop - element.clientHeight < nearPixels
      setAway(!following.current)
    }
    element.addEventListener('scroll', look, { passive: true })
    return () => element.removeEventListener('scroll', look)
  })
  useLayoutEffect(() => {
    if (pending !== null) following.current = true
    if (following.current) area.current?.scrollTo({ top: area.current.scrollHeight })
  }, [entries, pending])
  // Code that gets its colours and fonts that arrive change the height without a new entry.
  useEffect(() => {
    const content = area.current?.lastElementChild
    if (content == null) return
    const observer = new ResizeObserver(() => { if (following.current) area.current?.scrollTo({ top: area.current.scrollHeight }) })
    observer.observe(content)
    return () => observer.disconnect()
  })
  const toEnd = useCallback(() => area.current?.scrollTo({ top: area.current.scrollHeight, behavior: 'smooth' }), [])
  return { area, away, toEnd }
}
