import { useState, type FormEvent } from 'react'
import { navigate } from '../../app/router.tsx'
import { createOwner } from '../../app/session.ts'
import { useStore } from '../../app/store.ts'
import { Archway } from '../../ui/archway.tsx'
import { Button } from '../../ui/button.tsx'
import { TextField } from '../../ui/field.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { useAction } from '../../ui/use-action.ts'
import { fieldProblem } from '../../wire/problem.ts'
import { setUpToken } from './set-up-token.ts'

const shortestPassword = 15

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
  const token = useStore(setUpToken)
  const [name, setName] = useState('')
  const [email, setEmail] = useState('')
  const [password, setPassword] = useState('')
  const { busy, problem, run } = useAction(async () => {
    await createOwner({ token: token ?? '', name, email, password })
    navigate('/', true)
  })
  if (token === null) return <LinkNeeded />
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    void run()
  }
  const missing = shortestPassword - password.length
  return (
    <Archway title="Set up Sallyport">
      <form onSubmit={submit} className="flex flex-col gap-5">
        <p className="text-center text-[0.9375rem] text-ink-soft">You are the first here. This account will own the server.</p>
        <TextField label="Your name" autoComplete="name" required maxLength={80} autoFocus value={name} onChange={({ target }) => setName(target.value)} refusal={fieldProblem(problem, 'name')} />
        <TextField label="E-mail address" type="email" autoComplete="username" required value={email} onChange={({ target }) => setEmail(target.value)} refusal={fieldProblem(problem, 'email')} />
        <TextField label="Password" type="password" autoComplete="new-password" required minLength={shortestPassword} maxLength={256} value={password} onChange={({ target }) => setPassword(target.value)} refusal={fieldProblem(problem, 'password')} hint={missing <= 0 || password === '' ? 'At least 15 characters. Four unrelated words make a good one.' : `${missing} more ${missing === 1 ? 'character' : 'characters'}.`} />
        {problem !== null && <ProblemNotice problem={problem} />}
        <Button type="submit" look="main" busy={busy} className="min-h-11">Create the owner’s account</Button>
      </form>
    </Archway>
  )
}
