import { CSPProvider } from '@base-ui/react/csp-provider'
import { lazy, Suspense, useEffect, type ReactNode } from 'react'
import { ChatScreen } from '../features/chat/chat-screen.tsx'
import { SetUpScreen } from '../features/set-up/set-up-screen.tsx'
import { CookieDroppedScreen } from '../features/sign-in/cookie-dropped-screen.tsx'
import { SignInScreen } from '../features/sign-in/sign-in-screen.tsx'
import { Archway } from '../ui/archway.tsx'
import { Button } from '../ui/button.tsx'
import { ProblemNotice } from '../ui/problem-notice.tsx'
import { Announcer } from './announcer.tsx'
import { Broken } from './broken.tsx'
import { Link, navigate, useRoute, type Route } from './router.tsx'
import { checkSession, sessionStore, type Session } from './session.ts'
import { Shell } from './shell.tsx'
import { useStore } from './store.ts'

const KeysScreen = lazy(async () => ({ default: (await import('../features/keys/keys-screen.tsx')).KeysScreen }))
const ProvidersScreen = lazy(async () => ({ default: (await import('../features/providers/providers-screen.tsx')).ProvidersScreen }))
const DocumentsScreen = lazy(async () => ({ default: (await import('../features/documents/documents-screen.tsx')).DocumentsScreen }))

function UnknownScreen() {
  return (
    <div className="m-auto flex flex-col items-center gap-4 p-8 text-center">
      <h1 className="font-display text-3xl">There is nothing here</h1>
      <p className="text-ink-soft">The address may be mistyped, or what was here is deleted.</p>
      <Link to="/" className="text-gate underline underline-offset-3">Go to the start</Link>
    </div>
  )
}

function screenOf(route: Route, session: Session): ReactNode {
  switch (route.name) {
    case 'chat': return <ChatScreen conversationId={route.conversationId} mayAddProviders={session.permissions.includes('provider:manage')} />
    case 'keys': return <KeysScreen />
    case 'providers': return <ProvidersScreen />
    case 'documents': return <DocumentsScreen mayWrite={session.permissions.includes('knowledge:write')} mayShare={session.permissions.includes('knowledge:share')} />
    case 'set-up': case 'unknown': return <UnknownScreen />
  }
}

/** Which screen stands before whom. */
function Screen() {
  const state = useStore(sessionStore)
  const route = useRoute()
  useEffect(() => { void checkSession() }, [])
  useEffect(() => { if (state.name === 'signed-in' && route.name === 'set-up') navigate('/', true) }, [state.name, route.name])
  switch (state.name) {
    case 'checking': return <main aria-busy="true" />
    case 'unreachable': return <Archway title="No answer"><ProblemNotice problem={state.problem}><Button icon="retry" onClick={() => void checkSession()}>Try again</Button></ProblemNotice></Archway>
    case 'set-up': return <SetUpScreen />
    case 'signed-out': return <SignInScreen ended={state.ended} />
    case 'cookie-dropped': return <CookieDroppedScreen />
    case 'signed-in': return <Shell session={state.session}><Suspense fallback={<p className="p-6 text-ink-soft" role="status">Opening</p>}>{screenOf(route, state.session)}</Suspense></Shell>
  }
}

/** The whole page. `nonce` lets components that bring a style of their own put it under the page's policy. */
export function App({ nonce }: { readonly nonce: string | undefined }) {
  return <CSPProvider nonce={nonce}><Broken><Screen /></Broken><Announcer /></CSPProvider>
}
