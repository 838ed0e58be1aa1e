import type { ReplyOf } from '@sallyport/contract'
import { call, whenSignedOut, type RequestOf } from '../wire/call.ts'
import { PageProblem, problemOf } from '../wire/problem.ts'
import { createStore } from './store.ts'

export type Session = ReplyOf<'getSession'>
export type SessionState =
  | { readonly name: 'checking' }
  | { readonly name: 'unreachable'; readonly problem: PageProblem }
  | { readonly name: 'set-up' }
  /** `ended`: there was a session, and it is over. */
  | { readonly name: 'signed-out'; readonly ended: boolean }
  /** The password was right, and the browser threw the cookie away. */
  | { readonly name: 'cookie-dropped' }
  | { readonly name: 'signed-in'; readonly session: Session }

export const sessionStore = createStore<SessionState>({ name: 'checking' })

const readSession = async (): Promise<Session | null> => {
  try {
    return await call('getSession', {})
  } catch (error) {
    if (error instanceof PageProblem && error.code === 'not-signed-in') return null
    throw error
  }
}

/** Finds out who is here. Called at start and after a failure to reach the server. */
export async function checkSession(): Promise<void> {
  try {
    const session = await readSession()
    if (session !== null) return sessionStore.set({ name: 'signed-in', session })
    const { open } = await call('getSetup', {})
    sessionStore.set(open ? { name: 'set-up' } : { name: 'signed-out', ended: false })
  } catch (error) {
    sessionStore.set({ name: 'unreachable', problem: problemOf(error) })
  }
}

const proveCookie = async (): Promise<void> => {
  const session = await readSession()
  sessionStore.set(session === null ? { name: 'cookie-dropped' } : { name: 'signed-in', session })
}

/** Signs in, then asks who is signed in: only a second request shows that the browser kept the cookie. */
export async function signIn(body: RequestOf<'signIn'>['body']): Promise<void> {
  await call('signIn', { body })
  await proveCookie()
}

/** Finishes a sign-in that asked for a second factor. */
export async function completeSignIn(body: RequestOf<'completeSignIn'>['body']): Promise<void> {
  await call('completeSignIn', { body })
  await proveCookie()
}

/** Signs in with a passkey alone. */
export async function signInWithPasskey(): Promise<void> {
  const { provePasskey } = await import('../wire/passkeys.ts')
  await call('passkeySignIn', { body: { assertion: await provePasskey(await call('passkeySignInOptions', { body: {} })) } })
  await proveCookie()
}

/** Makes the owner with the printed token; signed in from then on. */
export async function createOwner(body: RequestOf<'createOwner'>['body']): Promise<void> {
  await call('createOwner', { body })
  await proveCookie()
}

/** Ends the session on the server, then forgets everything of it here by loading the page anew. */
export async function signOut(): Promise<void> {
  await call('signOut', {})
  location.assign('/')
}

whenSignedOut(() => sessionStore.set((state) => state.name === 'signed-in' ? { name: 'signed-out', ended: true } : state))
