import type { ReplyOf } from '@sallyport/contract'
import { useState } from 'react'
import { announce } from '../../app/announcer.tsx'
import { Button } from '../../ui/button.tsx'
import { Caution } from '../../ui/caution.tsx'
import { ChoiceField, TextArea } from '../../ui/field.tsx'
import { Day, Nothing, Rows } from '../../ui/page.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { useAction } from '../../ui/use-action.ts'
import { useReply } from '../../ui/use-reply.ts'
import { call } from '../../wire/call.ts'
import { fieldProblem } from '../../wire/problem.ts'
import { withProof } from '../proof/proof.ts'

type Access = ReplyOf<'openConversationAccess'>

const times = new Intl.DateTimeFormat(undefined, { timeStyle: 'short' })

function Messages({ accountId, conversationId }: { readonly accountId: string; readonly conversationId: string }) {
  const { value, problem } = useReply('listAccessedMessages', { params: { accountId, conversationId }, query: { limit: 100 } })
  if (problem !== null) return <ProblemNotice problem={problem} />
  if (value?.items.length === 0) return <Nothing>This conversation is empty.</Nothing>
  return (
    <ol aria-label="Messages" className="flex flex-col gap-3">
      {value?.items.map(({ id, role, text, createdAt }) => (
        <li key={id} className="rounded-lg bg-sunk px-3 py-2">
          <p className="text-sm text-ink-soft">{role === 'user' ? 'Question' : 'Answer'} · <Day at={createdAt} /></p>
          <p className="text-[0.9375rem] whitespace-pre-wrap [overflow-wrap:anywhere]">{text}</p>
        </li>
      ))}
    </ol>
  )
}

/** What an open access shows: the conversations, and the messages of the one that is chosen. Read only. */
function Reading({ access, onClosed }: { readonly access: Access; readonly onClosed: () => void }) {
  const { accountId, endsAt, id: accessId } = access
  const [chosen, setChosen] = useState<string | null>(null)
  const { value, problem } = useReply('listAccessedConversations', { params: { accountId }, query: { limit: 100 } })
  const closing = useAction(async () => {
    await call('closeConversationAccess', { params: { accessId } })
    announce('The conversations are closed again.')
    onClosed()
  })
  return (
    <div className="flex flex-col gap-3">
      <Caution>Open until {times.format(new Date(endsAt))}. Their owner sees that you looked, when, and why.</Caution>
      <ProblemNotice problem={problem} />
      <ProblemNotice problem={closing.problem} />
      {value?.items.length === 0 && <Nothing>There are no conversations.</Nothing>}
      {chosen === null
        ? value !== null && value.items.length > 0 && <Rows label="Conversations">{value.items.map(({ id, title, updatedAt }) => <li key={id}><button type="button" className="w-full cursor-pointer px-4 py-2.5 text-left hover:bg-sunk" onClick={() => setChosen(id)}><span className="block truncate font-medium">{title}</span><span className="text-sm text-ink-soft"><Day at={updatedAt} /></span></button></li>)}</Rows>
        : <><div><Button look="quiet" onClick={() => setChosen(null)}>All conversations</Button></div><Messages accountId={accountId} conversationId={chosen} /></>}
      <Button busy={closing.busy} onClick={() => void closing.run()}>Stop reading</Button>
    </div>
  )
}

/** Reading another's conversations in an emergency: for a stated reason, for a short time, seen by their owner. */
export function BreakGlass({ accountId, name }: { readonly accountId: string; readonly name: string }) {
  const [asking, setAsking] = useState(false)
  const [access, setAccess] = useState<Access | null>(null)
  const [reason, setReason] = useState('')
  const [minutes, setMinutes] = useState('15')
  const { busy, problem, submit } = useAction(async () => {
    setAccess(await withProof(() => call('openConversationAccess', { params: { accountId }, body: { reason, minutes: Number(minutes) } })))
  })
  if (access !== null) return <Reading access={access} onClosed={() => { setAccess(null); setAsking(false) }} />
  if (!asking) {
    return (
      <div className="flex items-center justify-between gap-4">
        <p className="text-[0.9375rem] text-ink-soft">Conversations are private. In an emergency they can be opened for a while.</p>
        <Button onClick={() => setAsking(true)}>Break the glass</Button>
      </div>
    )
  }
  return (
    <form onSubmit={submit} className="flex flex-col gap-3">
      <TextArea label="Reason" required minLength={10} maxLength={500} rows={2} hint={`${name} reads this, and it stands in the audit log.`} value={reason} onChange={({ target }) => setReason(target.value)} refusal={fieldProblem(problem, 'reason')} />
      <ChoiceField label="For" value={minutes} onChange={({ target }) => setMinutes(target.value)}>{[5, 15, 30, 60].map((one) => <option key={one} value={one}>{one} minutes</option>)}</ChoiceField>
      <ProblemNotice problem={problem} />
      <div className="flex gap-2"><Button type="submit" look="danger" busy={busy}>Open the conversations</Button><Button onClick={() => setAsking(false)}>Cancel</Button></div>
    </form>
  )
}
