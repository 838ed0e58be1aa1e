import { AlertDialog } from '@base-ui/react/alert-dialog'
import type { Conversation } from '@sallyport/contract'
import { useState } from 'react'
import { announce } from '../../app/announcer.tsx'
import { navigate } from '../../app/router.tsx'
import { Button, IconButton } from '../../ui/button.tsx'
import { Question, Sheet } from '../../ui/dialog.tsx'
import { TextField } from '../../ui/field.tsx'
import { Menu } from '../../ui/menu.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { useAction } from '../../ui/use-action.ts'
import { deleteConversation, renameConversation } from './conversations.ts'

function RenameSheet({ conversation, onClose }: { readonly conversation: Conversation; readonly onClose: () => void }) {
  const [title, setTitle] = useState(conversation.title)
  const { busy, problem, submit } = useAction(async () => {
    await renameConversation(conversation.id, title)
    announce('Renamed.')
    onClose()
  })
  return (
    <Sheet open onClose={onClose} title="Rename conversation">
      <form onSubmit={submit} className="flex flex-col gap-4">
        <TextField label="Title" required maxLength={120} value={title} onChange={({ target }) => setTitle(target.value)} />
        <ProblemNotice problem={problem} />
        <div className="flex justify-end gap-2"><Button look="quiet" onClick={onClose}>Cancel</Button><Button type="submit" look="main" busy={busy}>Rename</Button></div>
      </form>
    </Sheet>
  )
}

function DeleteQuestion({ conversation, current, onClose }: { readonly conversation: Conversation; readonly current: boolean; readonly onClose: () => void }) {
  const { busy, problem, run } = useAction(async () => {
    await deleteConversation(conversation.id)
    announce('Deleted.')
    onClose()
    if (current) navigate('/', true)
  })
  return (
    <Question open onClose={onClose} title="Delete this conversation?">
      <AlertDialog.Description className="text-ink-soft">“{conversation.title}” and all its messages are deleted for good.</AlertDialog.Description>
      <ProblemNotice problem={problem} />
      <div className="flex justify-end gap-2"><AlertDialog.Close render={<Button>Keep it</Button>} /><Button look="danger" busy={busy} onClick={() => void run()}>Delete</Button></div>
    </Question>
  )
}

/** What can be done with a conversation in the list. */
export function ConversationActions({ conversation, current }: { readonly conversation: Conversation; readonly current: boolean }) {
  const [asking, setAsking] = useState<'rename' | 'delete' | null>(null)
  const close = (): void => setAsking(null)
  return (
    <>
      <Menu trigger={<IconButton icon="more" label={`Actions for ${conversation.title}`} className="opacity-0 group-hover:opacity-100 focus-visible:opacity-100 data-popup-open:opacity-100 pointer-coarse:opacity-100" />} entries={[
        { label: 'Rename', icon: 'pencil', onSelect: () => setAsking('rename') },
        { label: 'Delete', icon: 'trash', danger: true, onSelect: () => setAsking('delete') },
      ]} />
      {asking === 'rename' && <RenameSheet conversation={conversation} onClose={close} />}
      {asking === 'delete' && <DeleteQuestion conversation={conversation} current={current} onClose={close} />}
    </>
  )
}
