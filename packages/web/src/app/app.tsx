import { CSPProvider } from '@base-ui/react/csp-provider'
import { lazy, Suspense, useEffect, type ReactNode } from 'react'
import { ChatScreen } from '../features/chat/chat-screen.tsx'
import { HumanCheckDialog } from '../features/human-check/human-check-dialog.tsx'
import { ProofDialog } from '../features/proof/proof-dialog.tsx'
import { SetUpScreen } from '../features/set-up/set-up-screen.tsx'
import { CookieDroppedScreen } from '../features/sign-in/cookie-dropped-screen.tsx'
import { SignInScreen } from '../features/sign-in/sign-in-screen.tsx'
import { Archway } from '../ui/archway.tsx'
import { Button } from '../ui/button.tsx'
import { ProblemNotice } from '../ui/problem-notice.tsx'
import { Announcer } from './announcer.tsx'
import { Broken } from './broken.tsx'
import { forgetReturn, useProviderReturn } from './provider-return.ts'
import { Link, navigate, useRoute, type Route } from './router.tsx'
import { checkSession, sessionStore, type Session } from './session.ts'
import { Shell } from './shell.tsx'
import { useStore } from './store.ts'

const KeysScreen = lazy(async () => ({ default: (await import('../features/keys/keys-screen.tsx')).KeysScreen }))
const ProvidersScreen = lazy(async () => ({ default: (await import('../features/providers/providers-screen.tsx')).ProvidersScreen }))
const AccountScreen = lazy(async () => ({ default: (await import('../features/account/account-screen.tsx')).AccountScreen }))
const PendingScreen = lazy(async () => ({ default: (await import('../features/account/pending-screen.tsx')).PendingScreen }))
const PeopleScreen = lazy(async () => ({ default: (await import('../features/people/people-screen.tsx')).PeopleScreen }))
const GroupsScreen = lazy(async () => ({ default: (await import('../features/groups/groups-screen.tsx')).GroupsScreen }))
const SingleSignOnScreen = lazy(async () => ({ default: (await import('../features/single-sign-on/single-sign-on-screen.tsx')).SingleSignOnScreen }))
const LimitsScreen = lazy(async () => ({ default: (await import('../features/limits/limits-screen.tsx')).LimitsScreen }))
const BackupsScreen = lazy(async () => ({ default: (await import('../features/backups/backups-screen.tsx')).BackupsScreen }))
const InvitationScreen = lazy(async () => ({ default: (await import('../features/links/invitation-screen.tsx')).InvitationScreen }))
const ResetScreen = lazy(async () => ({ default: (await import('../features/links/reset-screen.tsx')).ResetScreen }))
const VerifyScreen = lazy(async () => ({ default: (await import('../features/links/verify-screen.tsx')).VerifyScreen }))
const ForgottenScreen = lazy(async () => ({ default: (await import('../features/links/ask-by-mail-screen.tsx')).ForgottenScreen }))
const SignUpScreen = lazy(async () => ({ default: (await import('../features/links/ask-by-mail-screen.tsx')).SignUpScreen }))
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
    case 'keys': return <KeysScreen session={session} />
    case 'providers': return <ProvidersScreen mayManageKeys={session.permissions.includes('provider-credential:manage')} />
    case 'documents': return <DocumentsScreen mayWrite={session.permissions.includes('knowledge:write')} mayShare={session.permissions.includes('knowledge:share')} />
    case 'account': return <AccountScreen session={session} />
    case 'people': return <PeopleScreen session={session} />
    case 'groups': return <GroupsScreen />
    case 'single-sign-on': return <SingleSignOnScreen />
    case 'limits': return <LimitsScreen mayManageBudgets={session.permissions.includes('budget:manage')} />
    case 'backups': return <BackupsScreen />
    case 'set-up': case 'sign-in': case 'sign-up': case 'forgotten': case 'invitation': case 'reset': case 'verify': case 'unknown': return <UnknownScreen />
  }
}

/** The screens that links in mails open, whoever is signed in; null for every other route. */
function linkScreenOf(route: Route): ReactNode {
  if (route.name === 'invitation') return <InvitationScreen />
  if (route.name === 'reset') return <ResetScreen />
  return route.name === 'verify' ? <VerifyScreen /> : null
}

/** What somebody sees who is not signed in. */
function outsideScreenOf(route: Route, ended: boolean): ReactNode {
  if (route.name === 'forgotten') return <ForgottenScreen />
  return route.name === 'sign-up' ? <SignUpScreen /> : <SignInScreen ended={ended} />
}

const waiting = <main aria-busy="true" />
/** Routes that lead someone who is signed in to the start. */
const outsideOnly: readonly Route['name'][] = ['set-up', 'sign-in', 'sign-up', 'forgotten']

/** Which screen stands before whom. */
function Screen() {
  const state = useStore(sessionStore)
  const route = useRoute()
  useEffect(() => { void checkSession() }, [])
  const { problem: returnProblem, pending: returnPending } = useProviderReturn()
  useEffect(() => { if (state.name === 'signed-in' && returnPending !== null) forgetReturn() }, [state.name, returnPending])
  // Who is signed in and brings a problem back from a provider wanted to link something.
  useEffect(() => { if (state.name === 'signed-in' && outsideOnly.includes(route.name)) navigate(returnProblem === null ? '/' : '/account', true) }, [state.name, route.name, returnProblem])
  const linkScreen = state.name === 'signed-in' || state.name === 'signed-out' ? linkScreenOf(route) : null
  if (linkScreen !== null) return <Suspense fallback={waiting}>{linkScreen}</Suspense>
  switch (state.name) {
    case 'checking': return waiting
    case 'unreachable': return <Archway title={state.problem.code === 'banned' ? 'Not now' : 'No answer'}><ProblemNotice problem={state.problem}><Button icon="retry" onClick={() => void checkSession()}>Try again</Button></ProblemNotice></Archway>
    case 'set-up': return <SetUpScreen />
    case 'signed-out': return <Suspense fallback={waiting}>{outsideScreenOf(route, state.ended)}</Suspense>
    case 'cookie-dropped': return <CookieDroppedScreen />
    case 'signed-in': return state.session.pending !== null ? <Suspense fallback={waiting}><PendingScreen session={state.session} /></Suspense> : <Shell session={state.session}><Suspense fallback={<p className="p-6 text-ink-soft" role="status">Opening</p>}>{screenOf(route, state.session)}</Suspense></Shell>
  }
}

/** The whole page. `nonce` lets components that bring a style of their own put it under the page's policy. */
export function App({ nonce }: { readonly nonce: string | undefined }) {
  return <CSPProvider nonce={nonce}><Broken><Screen /></Broken><ProofDialog /><HumanCheckDialog /><Announcer /></CSPProvider>
}
