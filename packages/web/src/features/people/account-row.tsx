import { useState } from 'react'
import { announce } from '../../app/announcer.tsx'
import type { Session } from '../../app/session.ts'
import { Button } from '../../ui/button.tsx'
import { Sheet } from '../../ui/dialog.tsx'
import { Day, Row, RowWords } from '../../ui/page.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { useAction } from '../../ui/use-action.ts'
import { call } from '../../wire/call.ts'
import { withProof } from '../proof/proof.ts'
import { AccountActions } from './account-actions.tsx'
import type { ManagedAccount } from './managed-account.ts'
import { RoleField } from './role-field.tsx'
import { givableRoles, roleWords } from './roles.ts'

function Mark({ children }: { readonly children: string }) {
  return <span className="rounded-full bg-brass-soft px-2 py-0.5 text-xs font-medium text-brass">{children}</span>
}

/** What is out of the ordinary with an account, in a word each. */
function Marks({ account }: { readonly account: ManagedAccount }) {
  const { status, lockedUntil, kind, secondFactor, passwordChangeNeeded } = account
  const marks = [
    status === 'suspended' && 'suspended', lockedUntil !== null && 'locked', kind === 'service' && 'service',
    secondFactor && 'second factor', passwordChangeNeeded && 'must change password',
  ].filter((mark) => mark !== false)
  return <>{marks.map((mark) => <Mark key={mark}>{mark}</Mark>)}</>
}

function RoleForm({ account, session, onChanged }: { readonly account: ManagedAccount; readonly session: Session; readonly onChanged: () => void }) {
  const [role, setRole] = useState<ManagedAccount['role']>(account.role)
  const roles = [...new Set([account.role, ...givableRoles(session.account.role)])]
  const { busy, problem, run } = useAction(async () => {
    await withProof(() => call('changeAccount', { params: { accountId: account.id }, body: { role } }))
    announce(`${account.name} is ${roleWords[role].name} now.`)
    onChanged()
  })
  return (
    <div className="flex flex-col gap-3">
      <RoleField role={role} roles={roles} onRole={setRole} />
      <ProblemNotice problem={problem} />
      <Button busy={busy} disabled={role === account.role} onClick={() => void run()}>Change role</Button>
    </div>
  )
}

/** One account: who it is, and behind a button what can be done with it. */
export function AccountRow({ account, session, onChanged }: { readonly account: ManagedAccount; readonly session: Session; readonly onChanged: () => void }) {
  const [open, setOpen] = useState(false)
  const mayManage = session.permissions.includes('account:manage')
  const { name, email, role, createdAt, lastSignInAt, kind } = account
  return (
    <Row>
      <RowWords>
        <p className="flex flex-wrap items-center gap-x-2 gap-y-1"><span className="font-medium">{name}</span><Marks account={account} /></p>
        <p className="truncate text-sm text-ink-soft">{kind === 'service' ? 'Acts by its key alone' : email}</p>
        <p className="text-sm text-ink-soft">{roleWords[role].name} · since <Day at={createdAt} /> · {lastSignInAt === null ? 'never signed in' : <>last signed in <Day at={lastSignInAt} /></>}</p>
      </RowWords>
      {mayManage && <Button onClick={() => setOpen(true)} aria-label={`Manage ${name}`}>Manage</Button>}
      {mayManage && (
        <Sheet open={open} onClose={() => setOpen(false)} title={name}>
          <p className="-mt-2 text-sm text-ink-soft [overflow-wrap:anywhere]">{email}</p>
          <RoleForm account={account} session={session} onChanged={onChanged} />
          <AccountActions account={account} session={session} onChanged={onChanged} onGone={() => { setOpen(false); onChanged() }} />
        </Sheet>
      )}
    </Row>
  )
}
