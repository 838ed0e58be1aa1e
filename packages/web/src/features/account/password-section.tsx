import { useState } from 'react'
import type { Session } from '../../app/session.ts'
import { Button } from '../../ui/button.tsx'
import { TextField } from '../../ui/field.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { useAction } from '../../ui/use-action.ts'
import { call } from '../../wire/call.ts'
import { fieldProblem } from '../../wire/problem.ts'
import { NewPasswordField } from '../passwords/new-password-field.tsx'
import { withProof } from '../proof/proof.ts'
import { Done, Section } from './section.tsx'

/** A new password. Every other session ends with the old one. */
export function PasswordSection({ session, onChanged }: { readonly session: Session; readonly onChanged?: () => void }) {
  const [current, setCurrent] = useState('')
  const [password, setPassword] = useState('')
  const [done, setDone] = useState(false)
  const { busy, problem, submit } = useAction(async () => {
    setDone(false)
    await withProof(() => call('changePassword', { body: { current, password } }))
    setCurrent('')
    setPassword('')
    setDone(true)
    onChanged?.()
  })
  return (
    <Section title="Password" purpose="With a new password, every other session and every token of your account ends. API keys stay.">
      <form onSubmit={submit} className="flex flex-col gap-4">
        <input type="email" autoComplete="username" value={session.account.email} readOnly hidden />
        <TextField label="Present password" type="password" autoComplete="current-password" required maxLength={256} value={current} onChange={({ target }) => setCurrent(target.value)} refusal={fieldProblem(problem, 'current')} />
        <NewPasswordField label="New password" value={password} onValue={setPassword} context={[session.account.name, session.account.email]} refusal={fieldProblem(problem, 'password')} />
        <ProblemNotice problem={problem} />
        {done && <Done>Your password is changed.</Done>}
        <div><Button type="submit" look="main" busy={busy}>Change password</Button></div>
      </form>
    </Section>
  )
}
