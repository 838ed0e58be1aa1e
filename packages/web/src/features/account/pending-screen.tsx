import { checkSession, signOut, type Session } from '../../app/session.ts'
import { Button } from '../../ui/button.tsx'
import { Wordmark } from '../../ui/wordmark.tsx'
import { FactorsSection } from './factors-section.tsx'
import { PasswordSection } from './password-section.tsx'

/** What has to be done before anything else: a new password, or a second factor that the role asks for. */
export function PendingScreen({ session }: { readonly session: Session }) {
  return (
    <main className="mx-auto flex min-h-dvh w-full max-w-2xl flex-col gap-6 px-4 py-8 sm:py-12">
      <div className="flex items-center justify-between gap-4"><Wordmark /><Button look="quiet" icon="exit" onClick={() => void signOut()}>Sign out</Button></div>
      <h1 className="font-display text-3xl">One thing first</h1>
      {session.pending === 'password-change'
        ? <><p>An administrator asks you to choose a new password.</p><PasswordSection session={session} onChanged={() => void checkSession()} /></>
        : <><p>Your role asks for a second factor. Add one, and you are in.</p><FactorsSection onEnrolled={() => void checkSession()} /></>}
    </main>
  )
}
