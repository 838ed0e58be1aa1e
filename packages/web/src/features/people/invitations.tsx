import type { ReplyOf } from '@sallyport/contract'
import { useState } from 'react'
import { announce } from '../../app/announcer.tsx'
import type { Session } from '../../app/session.ts'
import { Button } from '../../ui/button.tsx'
import { ConfirmButton } from '../../ui/confirm-button.tsx'
import { Sheet } from '../../ui/dialog.tsx'
import { ChoiceField, TextField } from '../../ui/field.tsx'
import { Day, Nothing, Row, RowWords, Rows } from '../../ui/page.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { ShownOnce } from '../../ui/shown-once.tsx'
import { useAction } from '../../ui/use-action.ts'
import { useReply } from '../../ui/use-reply.ts'
import { call } from '../../wire/call.ts'
import { fieldProblem } from '../../wire/problem.ts'
import { withProof } from '../proof/proof.ts'
import { RoleField } from './role-field.tsx'
import { givableRoles, roleWords } from './roles.ts'

type Invitation = ReplyOf<'listInvitations'>['items'][number]
type NewInvitation = ReplyOf<'createInvitation'>

const lifetimes = [{ hours: 24, label: 'One day' }, { hours: 168, label: 'One week' }, { hours: 720, label: '30 days' }] as const
const stateWords = { open: 'open', used: 'used', expired: 'expired', revoked: 'revoked' } as const satisfies Record<Invitation['state'], string>

function InvitationForm({ session, onMade }: { readonly session: Session; readonly onMade: (made: NewInvitation) => void }) {
  const [email, setEmail] = useState('')
  const [role, setRole] = useState<Invitation['role']>('member')
  const [hours, setHours] = useState('168')
  const roles = givableRoles(session.account.role).filter((one) => one !== 'owner' || session.account.role === 'owner')
  const { busy, problem, submit } = useAction(async () => {
    onMade(await withProof(() => call('createInvitation', { body: { role, expiresInHours: Number(hours), ...(email !== '' && { email }) } })))
    announce('The invitation is made. Copy its link now.')
  })
  return (
    <form onSubmit={submit} className="flex flex-col gap-4">
      <TextField label="E-mail address" type="email" autoComplete="off" hint="Only this address may accept it. Leave it empty for a link that anyone may use once." value={email} onChange={({ target }) => setEmail(target.value)} refusal={fieldProblem(problem, 'email')} />
      <RoleField role={role} roles={roles} onRole={setRole} />
      <ChoiceField label="Valid for" value={hours} onChange={({ target }) => setHours(target.value)}>{lifetimes.map(({ hours: value, label }) => <option key={value} value={value}>{label}</option>)}</ChoiceField>
      <ProblemNotice problem={problem} />
      <Button type="submit" look="main" busy={busy}>Make invitation</Button>
    </form>
  )
}

function InvitationRow({ invitation, onRevoked }: { readonly invitation: Invitation; readonly onRevoked: () => void }) {
  const { id, email, role, state, expiresAt, uses, usesLeft } = invitation
  return (
    <Row>
      <RowWords>
        <p className="truncate font-medium">{email ?? 'Anyone with the link'}</p>
        <p className="text-sm text-ink-soft">{roleWords[role].name} · {stateWords[state]} · {state === 'open' ? <>until <Day at={expiresAt} /></> : <>ended <Day at={expiresAt} /></>}{uses > 1 && ` · ${usesLeft} of ${uses} uses left`}</p>
      </RowWords>
      {state === 'open' && <ConfirmButton label={`Revoke the invitation for ${email ?? 'anyone with the link'}`} title="Revoke this invitation?" consequence="Its link stops working." verb="Revoke" done="The invitation is revoked." onConfirm={async () => {
        await withProof(() => call('revokeInvitation', { params: { invitationId: id } }))
        onRevoked()
      }} />}
    </Row>
  )
}

/** Invitations: make one, hand its link over, revoke it. */
export function Invitations({ session }: { readonly session: Session }) {
  const [open, setOpen] = useState(false)
  const [made, setMade] = useState<NewInvitation | null>(null)
  const { value, problem, reload } = useReply('listInvitations', { query: { limit: 50 } })
  const close = (): void => {
    setOpen(false)
    setMade(null)
    reload()
  }
  return (
    <>
      <div><Button icon="plus" onClick={() => setOpen(true)}>Invite somebody</Button></div>
      <ProblemNotice problem={problem} />
      {value?.items.length === 0 && <Nothing>Nobody is invited at the moment.</Nothing>}
      {value !== null && value.items.length > 0 && <Rows label="Invitations">{value.items.map((invitation) => <InvitationRow key={invitation.id} invitation={invitation} onRevoked={reload} />)}</Rows>}
      <Sheet open={open} onClose={close} title={made === null ? 'Invite somebody' : 'The invitation'}>
        {made === null
          ? <InvitationForm session={session} onMade={setMade} />
          : <><ShownOnce value={made.link} label="Copy link">{made.sent ? 'It was sent by mail. Here it is once more, if you want to hand it over yourself.' : 'Send this link to whom you invite. It is shown this once.'}</ShownOnce><Button look="main" onClick={close}>Done</Button></>}
      </Sheet>
    </>
  )
}
