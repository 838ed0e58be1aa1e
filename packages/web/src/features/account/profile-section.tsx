import { useState } from 'react'
import { checkSession, type Session } from '../../app/session.ts'
import { Button } from '../../ui/button.tsx'
import { TextField } from '../../ui/field.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { useAction } from '../../ui/use-action.ts'
import { call } from '../../wire/call.ts'
import { fieldProblem } from '../../wire/problem.ts'
import { roleWords } from '../people/roles.ts'
import { withProof } from '../proof/proof.ts'
import { Done, Section } from './section.tsx'

function NameForm({ session }: { readonly session: Session }) {
  const [name, setName] = useState(session.account.name)
  const [done, setDone] = useState(false)
  const { busy, problem, submit } = useAction(async () => {
    setDone(false)
    await call('changeProfile', { body: { name } })
    await checkSession()
    setDone(true)
  })
  return (
    <form onSubmit={submit} className="flex flex-col gap-3">
      <div className="flex items-end gap-2">
        <div className="min-w-0 flex-1"><TextField label="Name" autoComplete="name" required maxLength={80} value={name} onChange={({ target }) => setName(target.value)} refusal={fieldProblem(problem, 'name')} /></div>
        <Button type="submit" busy={busy} className="min-h-11" disabled={name === session.account.name}>Save name</Button>
      </div>
      <ProblemNotice problem={problem} />
      {done && <Done>Your name is changed.</Done>}
    </form>
  )
}

function EmailForm({ session }: { readonly session: Session }) {
  const [email, setEmail] = useState(session.account.email)
  const [state, setState] = useState<'changed' | 'verification-sent' | null>(null)
  const { busy, problem, submit } = useAction(async () => {
    setState(null)
    const changed = await withProof(() => call('changeEmail', { body: { email } }))
    await checkSession()
    setState(changed.state)
  })
  return (
    <form onSubmit={submit} className="flex flex-col gap-3">
      <div className="flex items-end gap-2">
        <div className="min-w-0 flex-1"><TextField label="E-mail address" type="email" autoComplete="email" required value={email} onChange={({ target }) => setEmail(target.value)} refusal={fieldProblem(problem, 'email')} /></div>
        <Button type="submit" busy={busy} className="min-h-11" disabled={email === session.account.email}>Change address</Button>
      </div>
      <ProblemNotice problem={problem} />
      {state === 'changed' && <Done>Your address is changed. Sign in with it from now on.</Done>}
      {state === 'verification-sent' && <Done>A link went to {email}. Your address changes when you open it.</Done>}
    </form>
  )
}

/** Name, address and role. */
export function ProfileSection({ session }: { readonly session: Session }) {
  const role = roleWords[session.account.role]
  return (
    <Section title="Profile" purpose={`Your role is ${role.name}: ${role.purpose.charAt(0).toLowerCase()}${role.purpose.slice(1)}.`}>
      <NameForm session={session} />
      <EmailForm key={session.account.email} session={session} />
    </Section>
  )
}
