import { AlertDialog } from '@base-ui/react/alert-dialog'
import { useState } from 'react'
import { announce } from '../app/announcer.tsx'
import { Button, IconButton } from './button.tsx'
import { Question } from './dialog.tsx'
import { ProblemNotice } from './problem-notice.tsx'
import { useAction } from './use-action.ts'

interface ConfirmProps {
  /** What the button does, for this one thing. */
  readonly label: string
  readonly title: string
  readonly consequence: string
  readonly verb: string
  readonly done: string
  readonly onConfirm: () => Promise<void>
}

/** A bin that asks before it does what cannot be undone. */
export function ConfirmButton({ label, title, consequence, verb, done, onConfirm }: ConfirmProps) {
  const [open, setOpen] = useState(false)
  const { busy, problem, run } = useAction(async () => {
    await onConfirm()
    setOpen(false)
    announce(done)
  })
  return (
    <>
      <IconButton icon="trash" label={label} onClick={() => setOpen(true)} />
      <Question open={open} onClose={() => setOpen(false)} title={title}>
        <AlertDialog.Description className="text-ink-soft">{consequence}</AlertDialog.Description>
        <ProblemNotice problem={problem} />
        <div className="flex justify-end gap-2"><AlertDialog.Close render={<Button>Cancel</Button>} /><Button look="danger" busy={busy} onClick={() => void run()}>{verb}</Button></div>
      </Question>
    </>
  )
}
