import { createStore, useStore } from './store.ts'

interface Announcement { readonly number: number; readonly text: string }
/** Screen readers read what is added; old lines are dropped so that the list stays short. */
const keep = 12
const announcements = createStore<readonly Announcement[]>([])
let count = 0

/** Has a screen reader say something when it is next silent. */
export function announce(text: string): void {
  const said = text.trim()
  if (said === '') return
  count += 1
  const number = count
  announcements.set((list) => [...list.slice(1 - keep), { number, text: said }])
}

/** The one live region of the page. */
export function Announcer() {
  const list = useStore(announcements)
  return (
    <div className="sr-only" role="log" aria-live="polite" aria-label="Announcements">
      {list.map(({ number, text }) => <p key={number}>{text}</p>)}
    </div>
  )
}
