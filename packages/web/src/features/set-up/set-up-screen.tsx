import { useState } from 'react'
import { useLinkToken } from '../../app/link-token.ts'
import { navigate } from '../../app/router.tsx'
import { createOwner } from '../../app/session.ts'
import { Archway } from '../../ui/archway.tsx'
import { Button } from '../../ui/button.tsx'
import { TextField } from '../../ui/field.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { useAction } from '../../ui/use-action.ts'
import { fieldProblem } from '../../wire/problem.ts'
import { NewPasswordField } from '../passwords/new-password-field.tsx'

function LinkNeeded() {
  return (
    <Archway title="Set up Sallyport">
      <div className="flex flex-col gap-3 text-[0.9375rem]">
        <p>This server has no owner yet. Open the set-up link that it printed when it started; it looks like this:</p>
        <p className="rounded-lg bg-sunk px-3 py-2 font-mono text-sm break-all">{location.origin}/setup#…</p>
        <p className="text-ink-soft">Each start prints a new link, and the old one stops working.</p>
      </div>
    </Archway>
  )
}

/** Makes the first account. Whoever holds the printed link becomes the owner, once. */
export function SetUpScreen() {
  const token = useLinkToken('/setup')
  const [name, setName] = useState('')
  const [email, setEmail] = useState('')
  const [password, setPassword] = useState('')
  const { busy, problem, submit } = useAction(async () => {
    await createOwner({ token: token ?? '', name, email, password })
    navigate('/', true)
  })
  if (token === null) return <LinkNeeded />
  return (
    <Archway title="Set up Sallyport">
      <form onSubmit={submit} className="flex flex-col gap-5">
        <p className="text-center text-[0.9375rem] text-ink-soft">You are the first here. This account will own the server.</p>
        <TextField label="Your name" autoComplete="name" required maxLength={80} autoFocus value={name} onChange={({ target }) => setName(target.value)} refusal={fieldProblem(problem, 'name')} />
        <TextField label="E-mail address" type="email" autoComplete="username" required value={email} onChange={({ target }) => setEmail(target.value)} refusal={fieldProblem(problem, 'email')} />
        <NewPasswordField value={password} onValue={setPassword} context={[name, email]} refusal={fieldProblem(problem, 'password')} />
        <ProblemNotice problem={problem} />
        <Button type="submit" look="main" busy={busy} className="min-h-11">Create the owner’s account</Button>
      </form>
    </Archway>
  )
}
