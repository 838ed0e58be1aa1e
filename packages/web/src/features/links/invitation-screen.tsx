import { useState } from 'react'
import { useLinkToken } from '../../app/link-token.ts'
import { navigate } from '../../app/router.tsx'
import { signIn } from '../../app/session.ts'
import { Archway } from '../../ui/archway.tsx'
import { Button } from '../../ui/button.tsx'
import { TextField } from '../../ui/field.tsx'
import { Day } from '../../ui/page.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { useAction } from '../../ui/use-action.ts'
import { useReply } from '../../ui/use-reply.ts'
import { call } from '../../wire/call.ts'
import { fieldProblem } from '../../wire/problem.ts'
import { NewPasswordField } from '../passwords/new-password-field.tsx'
import { roleWords } from '../people/roles.ts'
import { Aside, Words } from './outside.tsx'

function InvitationForm({ token }: { readonly token: string }) {
  const offer = useReply('getInvitation', { body: { token } })
  const [name, setName] = useState('')
  const [email, setEmail] = useState('')
  const [password, setPassword] = useState('')
  const bound = offer.value?.email ?? null
  const { busy, problem, submit } = useAction(async () => {
    const account = await call('acceptInvitation', { body: { token, name, password, ...(bound === null && { email }) } })
    navigate('/', true)
    await signIn({ email: account.email, password })
  })
  if (offer.problem !== null) return <><ProblemNotice problem={offer.problem} /><Aside to="/sign-in">Sign in</Aside></>
  if (offer.value === null) return <p role="status" className="text-center text-ink-soft">Looking at the invitation</p>
  const { role, expiresAt } = offer.value
  return (
    <form onSubmit={submit} className="flex flex-col gap-5">
      <p className="text-center text-[0.9375rem] text-ink-soft">You are invited to join as {roleWords[role].name.toLowerCase()}. The invitation ends on <Day at={expiresAt} />.</p>
      <TextField label="Your name" autoComplete="name" required maxLength={80} autoFocus value={name} onChange={({ target }) => setName(target.value)} refusal={fieldProblem(problem, 'name')} />
      <TextField label="E-mail address" type="email" autoComplete="username" required readOnly={bound !== null} value={bound ?? email} onChange={({ target }) => setEmail(target.value)} refusal={fieldProblem(problem, 'email')} />
      <NewPasswordField value={password} onValue={setPassword} context={[name, bound ?? email]} refusal={fieldProblem(problem, 'password')} />
      <ProblemNotice problem={problem} />
      <Button type="submit" look="main" busy={busy} className="min-h-11">Make my account</Button>
    </form>
  )
}

/** Makes an account with an invitation. */
export function InvitationScreen() {
  const token = useLinkToken('/invitation')
  return (
    <Archway title="Welcome">
      {token === null ? <Words><p>Open the invitation’s link again, exactly as you got it.</p><Aside to="/sign-in">Sign in</Aside></Words> : <InvitationForm token={token} />}
    </Archway>
  )
}
