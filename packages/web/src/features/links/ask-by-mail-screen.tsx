import { useState } from 'react'
import { Archway } from '../../ui/archway.tsx'
import { Button } from '../../ui/button.tsx'
import { TextField } from '../../ui/field.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { useAction } from '../../ui/use-action.ts'
import { useReply } from '../../ui/use-reply.ts'
import { call } from '../../wire/call.ts'
import { fieldProblem } from '../../wire/problem.ts'
import { Aside, Words } from './outside.tsx'

interface AskProps {
  readonly title: string
  readonly words: string
  readonly verb: string
  readonly sent: string
  readonly ask: (email: string) => Promise<unknown>
}

/** Asks for a link by mail. The answer is the same whatever address is given. */
function AskByMail({ title, words, verb, sent, ask }: AskProps) {
  const [email, setEmail] = useState('')
  const [done, setDone] = useState(false)
  const { busy, problem, submit } = useAction(async () => {
    await ask(email)
    setDone(true)
  })
  return (
    <Archway title={title}>
      {done
        ? <Words><p role="status">{sent}</p></Words>
        : (
          <form onSubmit={submit} className="flex flex-col gap-5">
            <p className="text-[0.9375rem] text-ink-soft">{words}</p>
            <TextField label="E-mail address" type="email" autoComplete="username" required autoFocus value={email} onChange={({ target }) => setEmail(target.value)} refusal={fieldProblem(problem, 'email')} />
            <ProblemNotice problem={problem} />
            <Button type="submit" look="main" busy={busy} className="min-h-11">{verb}</Button>
          </form>
        )}
      <Aside to="/sign-in">Back to sign in</Aside>
    </Archway>
  )
}

const usePolicy = () => useReply('getSignUpPolicy', {}).value

/** Somebody who forgot the password: a link by mail, or whom to ask. */
export function ForgottenScreen() {
  const policy = usePolicy()
  if (policy?.mail === false) {
    return (
      <Archway title="Forgotten password">
        <Words>
          <p>This server sends no mail. Ask an administrator for a link that sets a new password.</p>
          <p className="text-ink-soft">If you own the server, make the link on its machine:</p>
          <p className="rounded-lg bg-sunk px-3 py-2 font-mono text-sm break-all">npm run sallyport -- accounts reset-link EMAIL</p>
        </Words>
        <Aside to="/sign-in">Back to sign in</Aside>
      </Archway>
    )
  }
  return <AskByMail title="Forgotten password" words="We send you a link that sets a new password, once." verb="Send the link" sent="If this address has an account here, a link is on its way. It works for half an hour." ask={(email) => call('requestPasswordReset', { body: { email } })} />
}

/** Signing up where the server is open to listed domains. */
export function SignUpScreen() {
  const policy = usePolicy()
  if (policy?.open === false) return <Archway title="Sign up"><Words><p>Accounts on this server are made by invitation. Ask an administrator for one.</p></Words><Aside to="/sign-in">Back to sign in</Aside></Archway>
  const domains = policy?.domains ?? []
  return <AskByMail title="Sign up" words={domains.length === 0 ? 'We send you a link that makes your account.' : `Anyone with an address of ${domains.join(', ')} may sign up. We send you a link that makes your account.`} verb="Send the link" sent="If this address may sign up here, a link is on its way." ask={(email) => call('signUp', { body: { email } })} />
}
