import type { ReplyOf } from '@sallyport/contract'
import { useState } from 'react'
import { announce } from '../../app/announcer.tsx'
import { Button } from '../../ui/button.tsx'
import { ConfirmButton } from '../../ui/confirm-button.tsx'
import { Sheet } from '../../ui/dialog.tsx'
import { ChoiceField, TextField } from '../../ui/field.tsx'
import { Nothing, Page, Row, RowWords, Rows } from '../../ui/page.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { useAction } from '../../ui/use-action.ts'
import { useReply } from '../../ui/use-reply.ts'
import { call } from '../../wire/call.ts'
import { fieldProblem } from '../../wire/problem.ts'
import { roleWords } from '../people/roles.ts'
import { withProof } from '../proof/proof.ts'
import { Members } from './members.tsx'

type Group = ReplyOf<'listGroups'>['items'][number]
const groupRoles = ['administrator', 'operator', 'auditor', 'member', 'guest'] as const satisfies readonly NonNullable<Group['role']>[]

/** Makes a group, or changes the name and role of one that is there. */
function GroupForm({ group, onSaved }: { readonly group: Group | null; readonly onSaved: () => void }) {
  const [name, setName] = useState(group?.name ?? '')
  const [role, setRole] = useState<Group['role']>(group?.role ?? null)
  const { busy, problem, submit } = useAction(async () => {
    await withProof<unknown>(() => group === null ? call('createGroup', { body: { name, role } }) : call('changeGroup', { params: { groupId: group.id }, body: { name, role } }))
    announce('The group is saved.')
    onSaved()
  })
  return (
    <form onSubmit={submit} className="flex flex-col gap-4">
      <TextField label="Name" required maxLength={80} value={name} onChange={({ target }) => setName(target.value)} refusal={fieldProblem(problem, 'name')} />
      <ChoiceField label="Role that it gives" value={role ?? ''} hint={role === null ? 'Its members keep the role that they have.' : `Its members have at least this role. ${roleWords[role].purpose}.`} onChange={({ target }) => setRole(groupRoles.find((one) => one === target.value) ?? null)}>
        <option value="">None</option>
        {groupRoles.map((one) => <option key={one} value={one}>{roleWords[one].name}</option>)}
      </ChoiceField>
      <ProblemNotice problem={problem} />
      <Button type="submit" look="main" busy={busy}>{group === null ? 'Make group' : 'Save'}</Button>
    </form>
  )
}

function GroupRow({ group, onEdit, onGone }: { readonly group: Group; readonly onEdit: () => void; readonly onGone: () => void }) {
  const { name, role, members } = group
  return (
    <Row>
      <RowWords>
        <p className="truncate font-medium">{name}</p>
        <p className="text-sm text-ink-soft">{members} {members === 1 ? 'member' : 'members'} · {role === null ? 'gives no role' : `gives the role ${roleWords[role].name}`}</p>
      </RowWords>
      <Button onClick={onEdit} aria-label={`Manage ${name}`}>Manage</Button>
      <ConfirmButton label={`Delete ${name}`} title="Delete this group?" consequence="What it gave to its members ends at once. Their accounts stay." verb="Delete" done="The group is deleted." onConfirm={async () => {
        await withProof(() => call('deleteGroup', { params: { groupId: group.id } }))
        onGone()
      }} />
    </Row>
  )
}

/** Groups: who belongs together, and what role they get by it. */
export function GroupsScreen() {
  const [edited, setEdited] = useState<Group | 'new' | null>(null)
  const { value, problem, reload } = useReply('listGroups', { query: { limit: 100 } })
  const close = (): void => {
    setEdited(null)
    reload()
  }
  return (
    <Page title="Groups" purpose="A group gives a role to all its members. Single sign-on can fill groups by itself." action={<Button look="main" icon="plus" onClick={() => setEdited('new')}>New group</Button>}>
      <ProblemNotice problem={problem} />
      {value?.items.length === 0 && <Nothing>There are no groups yet.</Nothing>}
      {value !== null && value.items.length > 0 && <Rows label="Groups">{value.items.map((group) => <GroupRow key={group.id} group={group} onEdit={() => setEdited(group)} onGone={reload} />)}</Rows>}
      <Sheet open={edited !== null} onClose={close} title={edited === null || edited === 'new' ? 'New group' : edited.name}>
        {edited !== null && <GroupForm key={edited === 'new' ? 'new' : edited.id} group={edited === 'new' ? null : edited} onSaved={close} />}
        {edited !== null && edited !== 'new' && <Members groupId={edited.id} />}
      </Sheet>
    </Page>
  )
}
