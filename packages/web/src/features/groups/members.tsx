import { useState } from 'react'
import { announce } from '../../app/announcer.tsx'
import { Button, IconButton } from '../../ui/button.tsx'
import { ChoiceField } from '../../ui/field.tsx'
import { Rows } from '../../ui/page.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { useAction } from '../../ui/use-action.ts'
import { useReply } from '../../ui/use-reply.ts'
import { call } from '../../wire/call.ts'
import { withProof } from '../proof/proof.ts'

/** Who is in a group. Those whom an identity provider put there stay until it takes them out. */
export function Members({ groupId }: { readonly groupId: string }) {
  const [added, setAdded] = useState('')
  const members = useReply('listGroupMembers', { params: { groupId } })
  const accounts = useReply('listAccounts', { query: { limit: 100 } })
  const { busy, problem, run } = useAction(async (accountIds: readonly string[], done: string) => {
    await withProof(() => call('setGroupMembers', { params: { groupId }, body: { accountIds: [...accountIds] } }))
    announce(done)
    setAdded('')
    members.reload()
  })
  const items = members.value?.items ?? []
  const byHand = items.filter((member) => member.byHand).map(({ accountId }) => accountId)
  const others = (accounts.value?.items ?? []).filter(({ id, kind }) => kind === 'person' && !items.some(({ accountId }) => accountId === id))
  const failed = problem ?? members.problem ?? accounts.problem
  return (
    <div className="flex flex-col gap-3 border-t border-line pt-4">
      {items.length > 0 && (
        <Rows label="Members">
          {items.map(({ accountId, name, email, providers, byHand: mine }) => (
            <li key={accountId} className="flex items-center gap-3 px-4 py-2">
              <div className="min-w-0 flex-1"><p className="truncate">{name}</p><p className="truncate text-sm text-ink-soft">{email}{providers.length > 0 && ` · put here by ${providers.join(', ')}`}</p></div>
              {mine && <IconButton icon="close" label={`Take ${name} out`} disabled={busy} onClick={() => void run(byHand.filter((id) => id !== accountId), `${name} is out of the group.`)} />}
            </li>
          ))}
        </Rows>
      )}
      {others.length > 0 && (
        <div className="flex items-end gap-2">
          <div className="min-w-0 flex-1">
            <ChoiceField label="Add a member" value={added} onChange={({ target }) => setAdded(target.value)}>
              <option value="">Choose somebody</option>
              {others.map(({ id, name, email }) => <option key={id} value={id}>{name} ({email})</option>)}
            </ChoiceField>
          </div>
          <Button className="min-h-11" busy={busy} disabled={added === ''} onClick={() => void run([...byHand, added], 'The member is added.')}>Add</Button>
        </div>
      )}
      <ProblemNotice problem={failed} />
    </div>
  )
}
