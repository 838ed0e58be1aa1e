import { createStore } from './store.ts'

export type Theme = 'system' | 'light' | 'dark'
const storageKey = 'sallyport.theme'

const readTheme = (): Theme => {
  const stored = document.documentElement.dataset['theme']
  return stored === 'light' || stored === 'dark' ? stored : 'system'
}

export const themeStore = createStore<Theme>(globalThis.document === undefined ? 'system' : readTheme())

/** Chooses the theme for this browser. index.html reads it before the first paint. */
export function setTheme(theme: Theme): void {
  if (theme === 'system') delete document.documentElement.dataset['theme']
  else document.documentElement.dataset['theme'] = theme
  try {
    if (theme === 'system') localStorage.removeItem(storageKey)
    else localStorage.setItem(storageKey, theme)
  } catch {
    // Storage may be switched off; the choice then lasts until the page is closed.
  }
  themeStore.set(theme)
}
