import { useState } from 'react'
import { useLinkToken } from '../../app/link-token.ts'
import { Archway } from '../../ui/archway.tsx'
import { Button } from '../../ui/button.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { useAction } from '../../ui/use-action.ts'
import { call } from '../../wire/call.ts'
import { fieldProblem } from '../../wire/problem.ts'
import { NewPasswordField } from '../passwords/new-password-field.tsx'
import { Aside, Words } from './outside.tsx'

/** Sets a new password with a one-time link. */
export function ResetScreen() {
  const token = useLinkToken('/reset')
  const [password, setPassword] = useState('')
  const [done, setDone] = useState(false)
  const { busy, problem, submit } = useAction(async () => {
    await call('resetPassword', { body: { token: token ?? '', password } })
    setDone(true)
  })
  if (token === null) return <Archway title="New password"><Words><p>Open the link again, exactly as you got it.</p></Words><Aside to="/forgotten">Ask for a new link</Aside></Archway>
  if (done) return <Archway title="New password"><Words><p role="status">Your new password is set. Every session of your account has ended.</p></Words><Aside to="/sign-in">Sign in</Aside></Archway>
  return (
    <Archway title="New password">
      <form onSubmit={submit} className="flex flex-col gap-5">
        <NewPasswordField label="New password" value={password} onValue={setPassword} context={[]} refusal={fieldProblem(problem, 'password')} />
        <ProblemNotice problem={problem} />
        <Button type="submit" look="main" busy={busy} className="min-h-11">Set new password</Button>
      </form>
      <Aside to="/sign-in">Back to sign in</Aside>
    </Archway>
  )
}
