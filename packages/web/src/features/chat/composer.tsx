import { lazy, Suspense, useEffect, useRef, type FormEvent, type KeyboardEvent } from 'react'
import { useStore } from '../../app/store.ts'
import { useMedia } from '../../ui/use-media.ts'
import { Icon } from '../../ui/icon.tsx'
import type { Model } from '../models/models.ts'
import { draftOf } from './chats.ts'

const ModelSelect = lazy(async () => ({ default: (await import('../models/model-select.tsx')).ModelSelect }))
const longestText = 100_000

export interface ComposerProps {
  readonly conversationId: string | null
  readonly model: Model | null
  readonly knowledge: boolean
  readonly running: boolean
  readonly stopping: boolean
  readonly onKnowledge: (on: boolean) => void
  readonly onModel: (model: Model) => void
  readonly onSend: (text: string) => void
  readonly onStop: () => void
}

/** Documents are always searched for a model that knows nothing else; for the others it is a choice. */
function DocumentsSwitch({ model, knowledge, onKnowledge }: Pick<ComposerProps, 'model' | 'knowledge' | 'onKnowledge'>) {
  const always = model?.capabilities.grounding === true
  return (
    <label className="flex h-9 min-w-0 items-center gap-2 rounded-lg px-2 text-sm font-medium text-ink-soft has-enabled:cursor-pointer has-enabled:hover:text-ink" title={always ? 'This model answers from documents alone' : 'Look for passages that help to answer'}>
      <input type="checkbox" role="switch" checked={always || knowledge} disabled={always} onChange={({ target }) => onKnowledge(target.checked)} className="switch" />
      <span className="truncate sm:hidden">Documents</span>
      <span className="max-sm:hidden">Search documents</span>
    </label>
  )
}

/** Where questions are written. Enter sends, Shift and Enter begin a new line; on a touch screen Enter begins a new line. */
export function Composer(props: ComposerProps) {
  const { conversationId, running, stopping, onSend, onStop } = props
  const draft = useStore(draftOf(conversationId))
  const area = useRef<HTMLTextAreaElement>(null)
  const touch = useMedia('(pointer: coarse)')
  useEffect(() => { if (!touch) area.current?.focus() }, [conversationId, touch])
  const send = (event?: FormEvent): void => {
    event?.preventDefault()
    const text = draft.trim()
    if (text === '' || running) return
    draftOf(conversationId).set('')
    onSend(text)
    area.current?.focus()
  }
  const sendOnEnter = (event: KeyboardEvent): void => {
    if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing || touch) return
    event.preventDefault()
    send()
  }
  return (
    <form onSubmit={send} aria-label="Ask" className="mx-auto w-full max-w-3xl rounded-2xl border border-line-strong bg-surface shadow-card transition-colors focus-within:border-gate">
      <label htmlFor="question" className="sr-only">Your question</label>
      <textarea ref={area} id="question" rows={1} value={draft} maxLength={longestText} placeholder="Ask a question" enterKeyHint={touch ? 'enter' : 'send'} onKeyDown={sendOnEnter} onChange={({ target }) => draftOf(conversationId).set(target.value)} className="field-sizing-content max-h-[40dvh] min-h-13 w-full resize-none bg-transparent px-4 pt-3.5 pb-1 text-[1.0625rem] outline-none placeholder:text-ink-soft" />
      <div className="flex items-center gap-1 p-2 pt-0">
        <Suspense fallback={<span className="h-9 px-2.5 py-1.5 text-sm font-medium text-ink-soft">{props.model?.name}</span>}><ModelSelect model={props.model} disabled={running} onChoose={props.onModel} /></Suspense>
        <DocumentsSwitch model={props.model} knowledge={props.knowledge} onKnowledge={props.onKnowledge} />
        <div className="ml-auto">
          {running
            ? <button type="button" onClick={onStop} disabled={stopping} className="flex h-10 cursor-pointer items-center gap-1.5 rounded-xl border border-line-strong px-3 text-sm font-medium hover:border-danger hover:text-danger disabled:opacity-60"><Icon name="stop" />{stopping ? 'Stopping' : 'Stop'}</button>
            : <button type="submit" aria-label="Send" title="Send" disabled={draft.trim() === ''} className="flex size-10 cursor-pointer items-center justify-center rounded-xl bg-gate text-on-gate transition-colors hover:bg-gate-deep disabled:cursor-default disabled:bg-sunk disabled:text-ink-soft"><Icon name="send" className="size-5" /></button>}
        </div>
      </div>
    </form>
  )
}
