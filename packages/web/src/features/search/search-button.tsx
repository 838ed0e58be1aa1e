import { lazy, Suspense, useEffect } from 'react'
import { createStore, useStore } from '../../app/store.ts'
import { Icon } from '../../ui/icon.tsx'

const SearchDialog = lazy(async () => ({ default: (await import('./search-dialog.tsx')).SearchDialog }))
const isApple = /Mac|iPhone|iPad/.test(globalThis.navigator?.platform ?? '')
/** Null until the search is first wanted: nothing of it is loaded before. */
const openStore = createStore<boolean | null>(null)

/** Opens the search. */
export function SearchButton({ onOpen }: { readonly onOpen: () => void }) {
  const show = (): void => {
    onOpen()
    openStore.set(true)
  }
  return (
    <button type="button" onClick={show} aria-keyshortcuts={isApple ? 'Meta+K' : 'Control+K'} className="mt-2 flex min-h-10 w-full cursor-pointer items-center gap-2 rounded-lg px-3.5 text-[0.9375rem] text-ink-soft transition-colors hover:bg-sunk hover:text-ink">
      <Icon name="search" /><span className="flex-1 text-left">Search messages</span><kbd aria-hidden="true" className="font-sans text-sm">{isApple ? '⌘K' : 'Ctrl K'}</kbd>
    </button>
  )
}

/** The search, opened by its button or by the keys that open a search everywhere. */
export function Search() {
  const open = useStore(openStore)
  useEffect(() => {
    const press = (event: KeyboardEvent): void => {
      if (!(event.metaKey || event.ctrlKey) || event.shiftKey || event.altKey || event.key.toLowerCase() !== 'k') return
      event.preventDefault()
      openStore.set(true)
    }
    addEventListener('keydown', press)
    return () => removeEventListener('keydown', press)
  }, [])
  return open === null ? null : <Suspense fallback={null}><SearchDialog open={open} onClose={() => openStore.set(false)} /></Suspense>
}
