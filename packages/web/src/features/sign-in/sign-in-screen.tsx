import { useState, type FormEvent } from 'react'
import { signIn } from '../../app/session.ts'
import { Archway } from '../../ui/archway.tsx'
import { Button } from '../../ui/button.tsx'
import { TextField } from '../../ui/field.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { useAction } from '../../ui/use-action.ts'
import { fieldProblem } from '../../wire/problem.ts'

/** Signs in with e-mail address and password. */
export function SignInScreen({ ended }: { readonly ended: boolean }) {
  const [email, setEmail] = useState('')
  const [password, setPassword] = useState('')
  const { busy, problem, run } = useAction(() => signIn({ email, password }))
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    void run()
  }
  return (
    <Archway title="Sign in">
      <form onSubmit={submit} className="flex flex-col gap-5">
        {ended && <p role="status" className="rounded-lg bg-brass-soft px-3 py-2 text-[0.9375rem] text-brass">Your session has ended. Sign in to go on.</p>}
        <TextField label="E-mail address" type="email" autoComplete="username" required autoFocus value={email} onChange={({ target }) => setEmail(target.value)} refusal={fieldProblem(problem, 'email')} />
        <TextField label="Password" type="password" autoComplete="current-password" required value={password} onChange={({ target }) => setPassword(target.value)} refusal={fieldProblem(problem, 'password')} />
        {problem !== null && <ProblemNotice problem={problem} />}
        <Button type="submit" look="main" busy={busy} className="min-h-11">Sign in</Button>
      </form>
    </Archway>
  )
}
