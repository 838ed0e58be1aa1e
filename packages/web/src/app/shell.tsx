import type { Permission } from '@sallyport/contract'
import { lazy, Suspense, useEffect, useState, type ReactNode } from 'react'
import { BackupBanner } from '../features/backups/backup-banner.tsx'
import { preloadFeedback } from '../features/chat/turn-view.tsx'
import { ConversationList } from '../features/conversations/conversation-list.tsx'
import { conversationsStore, loadConversations } from '../features/conversations/conversations.ts'
import { Search, SearchButton } from '../features/search/search-button.tsx'
import { loadModels } from '../features/models/models.ts'
import { Button, IconButton } from '../ui/button.tsx'
import { Icon, type IconName } from '../ui/icon.tsx'
import { preloadMarkdown } from '../ui/markdown/lazy-markdown.tsx'
import { ProblemNotice } from '../ui/problem-notice.tsx'
import { useAction } from '../ui/use-action.ts'
import { useWide } from '../ui/use-media.ts'
import { Wordmark } from '../ui/wordmark.tsx'
import { Link, useRoute, type Route } from './router.tsx'
import { signOut, type Session } from './session.ts'
import { useStore } from './store.ts'
import { setTheme, themeStore, type Theme } from './theme.ts'

const SidePanel = lazy(async () => ({ default: (await import('../ui/dialog.tsx')).SidePanel }))

const themes: readonly { readonly theme: Theme; readonly icon: IconName; readonly label: string }[] = [
  { theme: 'system', icon: 'screen', label: 'Theme of the system' },
  { theme: 'light', icon: 'sun', label: 'Light theme' },
  { theme: 'dark', icon: 'moon', label: 'Dark theme' },
]

function ThemeChoice() {
  const chosen = useStore(themeStore)
  return (
    <div role="group" aria-label="Theme" className="flex">
      {themes.map(({ theme, icon, label }) => <IconButton key={theme} icon={icon} label={label} aria-pressed={chosen === theme} onClick={() => setTheme(theme)} />)}
    </div>
  )
}

const places: readonly { readonly name: Route['name']; readonly to: string; readonly icon: IconName; readonly label: string; readonly permission: Permission }[] = [
  { name: 'documents', to: '/documents', icon: 'document', label: 'Documents', permission: 'knowledge:read' },
  { name: 'providers', to: '/providers', icon: 'plug', label: 'Providers', permission: 'provider:manage' },
  { name: 'keys', to: '/keys', icon: 'key', label: 'API keys', permission: 'key:manage' },
  { name: 'people', to: '/people', icon: 'people', label: 'People', permission: 'account:read' },
  { name: 'groups', to: '/groups', icon: 'group', label: 'Groups', permission: 'group:manage' },
  { name: 'single-sign-on', to: '/single-sign-on', icon: 'gate', label: 'Single sign-on', permission: 'identity-provider:manage' },
  { name: 'limits', to: '/limits', icon: 'clock', label: 'Limits', permission: 'ban:manage' },
  { name: 'backups', to: '/backups', icon: 'archive', label: 'Backups', permission: 'backup:manage' },
]

function Sidebar({ session, onGo }: { readonly session: Session; readonly onGo: () => void }) {
  const route = useRoute()
  const leaving = useAction(signOut)
  return (
    <>
      <div className="px-3 pb-3">
        <Link to="/" onClick={onGo} className="flex min-h-11 items-center gap-2 rounded-lg border border-line bg-surface px-3.5 font-medium transition-colors hover:border-gate hover:text-gate"><Icon name="plus" />New conversation</Link>
        <SearchButton onOpen={onGo} />
      </div>
      <ConversationList onOpen={onGo} />
      <nav aria-label="Administration" className="border-t border-line px-3 pt-2">
        {places.filter(({ permission }) => session.permissions.includes(permission)).map(({ name, to, icon, label }) => (
          <Link key={name} to={to} onClick={onGo} aria-current={route.name === name ? 'page' : undefined} className={`flex min-h-10 items-center gap-3 rounded-lg px-3 text-[0.9375rem] ${route.name === name ? 'bg-gate-soft text-ink' : 'text-ink-soft hover:bg-sunk hover:text-ink'}`}><Icon name={icon} />{label}</Link>
        ))}
      </nav>
      <div className="flex items-center gap-2 px-3 py-3">
        <Link to="/account" onClick={onGo} aria-current={route.name === 'account' ? 'page' : undefined} className="min-w-0 flex-1 rounded-lg px-3 py-1.5 hover:bg-sunk">
          <span className="sr-only">Your account, </span>
          <span className="block truncate text-[0.9375rem] font-medium">{session.account.name}</span>
          <span className="block truncate text-sm text-ink-soft">{session.account.email}</span>
        </Link>
        <ThemeChoice />
      </div>
      <div className="px-3 pb-4">
        <ProblemNotice problem={leaving.problem} />
        <Button look="quiet" icon="exit" busy={leaving.busy} className="w-full justify-start px-3!" onClick={() => void leaving.run()}>Sign out</Button>
      </div>
    </>
  )
}

const titles: Readonly<Record<Route['name'], string>> = {
  'set-up': 'Set-up', chat: 'New conversation', keys: 'API keys', providers: 'Providers', documents: 'Documents', unknown: 'Not found',
  account: 'Your account', people: 'People', groups: 'Groups', 'single-sign-on': 'Single sign-on', limits: 'Limits', backups: 'Backups',
  'sign-in': 'Sign in', 'sign-up': 'Sign up', forgotten: 'Forgotten password', invitation: 'Welcome', reset: 'New password', verify: 'E-mail address',
}

function useTitle(): string {
  const route = useRoute()
  const { items } = useStore(conversationsStore)
  const conversation = route.name === 'chat' ? items.find(({ id }) => id === route.conversationId) : undefined
  const title = conversation?.title ?? titles[route.name]
  useEffect(() => { document.title = `${title} · Sallyport` }, [title])
  return title
}

/** The frame around every screen of someone who is signed in: a side bar, or on a phone a bar with a drawer. */
export function Shell({ session, children }: { readonly session: Session; readonly children: ReactNode }) {
  const wide = useWide()
  const [open, setOpen] = useState(false)
  const title = useTitle()
  const route = useRoute()
  useEffect(() => {
    void loadModels()
    void loadConversations()
    const timer = setTimeout(() => {
      preloadMarkdown()
      preloadFeedback()
    }, 300)
    return () => clearTimeout(timer)
  }, [])
  return (
    <div className="flex h-dvh">
      <a href="#main" className="sr-only focus:not-sr-only focus:absolute focus:z-50 focus:bg-surface focus:p-3">Skip to the content</a>
      {wide && (
        <aside aria-label="Side bar" className="flex w-72 shrink-0 flex-col border-r border-line bg-stone">
          <div className="px-5 pt-5 pb-5"><Link to="/" aria-label="Sallyport, start"><Wordmark /></Link></div>
          <Sidebar session={session} onGo={() => undefined} />
        </aside>
      )}
      <div className="flex min-w-0 flex-1 flex-col">
        {!wide && (
          <header className="flex h-14 shrink-0 items-center gap-2 border-b border-line px-2">
            <IconButton icon="menu" label="Menu" className="size-11!" onClick={() => setOpen(true)} />
            <p className="min-w-0 flex-1 truncate text-center font-medium">{title}</p>
            <Link to="/" aria-label="New conversation" className="flex size-11 items-center justify-center rounded-lg text-ink-soft hover:bg-sunk"><Icon name="plus" className="size-5" /></Link>
            <Suspense fallback={null}><SidePanel side="left" modal open={open} onClose={() => setOpen(false)} title="Sallyport" titleClassName="font-display text-[1.375rem]"><Sidebar session={session} onGo={() => setOpen(false)} /></SidePanel></Suspense>
          </header>
        )}
        {session.permissions.includes('backup:manage') && <BackupBanner isToldHere={route.name === 'backups'} />}
        <main id="main" tabIndex={-1} className="flex min-h-0 flex-1 flex-col outline-none">{children}</main>
        <Search />
      </div>
    </div>
  )
}
