import { useState } from 'react'
import { forgetReturn, useProviderReturn } from '../../app/provider-return.ts'
import { Link } from '../../app/router.tsx'
import { signIn, signInWithPasskey } from '../../app/session.ts'
import { Archway } from '../../ui/archway.tsx'
import { Button } from '../../ui/button.tsx'
import { Caution } from '../../ui/caution.tsx'
import { TextField } from '../../ui/field.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { useAction } from '../../ui/use-action.ts'
import { useReply } from '../../ui/use-reply.ts'
import { knowsPasskeys } from '../../wire/passkeys.ts'
import { fieldProblem, PageProblem } from '../../wire/problem.ts'
import { SecondFactorScreen } from './second-factor.tsx'

const link = 'text-gate underline underline-offset-3'

interface Pending { readonly challenge: string; readonly factors: readonly string[] }

/** Other ways in than the password: passkey, identity providers, and what helps somebody who has no password. */
function OtherWays() {
  const providers = useReply('listSignInProviders', {})
  const policy = useReply('getSignUpPolicy', {})
  const passkey = useAction(signInWithPasskey)
  return (
    <div className="mt-6 flex flex-col gap-3 border-t border-line pt-6">
      <ProblemNotice problem={passkey.problem} />
      {knowsPasskeys() && <Button icon="key" busy={passkey.busy} onClick={() => void passkey.run()}>Sign in with a passkey</Button>}
      {providers.value?.items.map(({ name, label }) => <Button key={name} icon="external" onClick={() => location.assign(`/api/v1/session/federated/${name}`)}>{label}</Button>)}
      <p className="text-center text-sm text-ink-soft">
        <Link to="/forgotten" className={link}>Forgot your password?</Link>
        {policy.value?.open === true && <> · <Link to="/sign-up" className={link}>Sign up</Link></>}
      </p>
    </div>
  )
}

/** Signs in: password, then a second factor where the account has one; or another way. */
export function SignInScreen({ ended }: { readonly ended: boolean }) {
  const [email, setEmail] = useState('')
  const [password, setPassword] = useState('')
  const returned = useProviderReturn()
  const [pending, setPending] = useState<Pending | null>(null)
  const { busy, problem, submit } = useAction(async () => {
    try {
      await signIn({ email, password })
    } catch (error) {
      if (!(error instanceof PageProblem) || error.code !== 'second-factor-needed' || error.challenge === undefined) throw error
      setPending({ challenge: error.challenge, factors: error.factors })
    }
  })
  const shown = problem ?? returned.problem
  if (returned.pending !== null) return <SecondFactorScreen {...returned.pending} first="The provider vouched for you." onBack={forgetReturn} />
  if (pending !== null) return <SecondFactorScreen {...pending} first="Your password was right." onBack={() => { setPending(null); setPassword('') }} />
  return (
    <Archway title="Sign in">
      <form onSubmit={submit} className="flex flex-col gap-5">
        {ended && <Caution>Your session has ended. Sign in to go on.</Caution>}
        <TextField label="E-mail address" type="email" autoComplete="username webauthn" required autoFocus value={email} onChange={({ target }) => setEmail(target.value)} refusal={fieldProblem(problem, 'email')} />
        <TextField label="Password" type="password" autoComplete="current-password" required value={password} onChange={({ target }) => setPassword(target.value)} refusal={fieldProblem(problem, 'password')} />
        <ProblemNotice problem={shown} />
        <Button type="submit" look="main" busy={busy} className="min-h-11">Sign in</Button>
      </form>
      <OtherWays />
    </Archway>
  )
}
