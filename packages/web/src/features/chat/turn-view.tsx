import type { Citation, Notice } from '@sallyport/contract'
import { lazy, memo, Suspense } from 'react'
import { Button, IconButton } from '../../ui/button.tsx'
import { CopyButton } from '../../ui/copy-button.tsx'
import { Gate, type GateState } from '../../ui/gate.tsx'
import { Icon } from '../../ui/icon.tsx'
import { LazyMarkdown } from '../../ui/markdown/lazy-markdown.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { noticeWords } from './notice-words.ts'
import { noticesOf, type Entry } from './transcript.ts'

const loadFeedback = async () => ({ default: (await import('./feedback.tsx')).FeedbackButtons })
const FeedbackButtons = lazy(loadFeedback)
/** Fetches the buttons under an answer ahead of the first one. */
export const preloadFeedback = (): void => { loadFeedback().catch(() => undefined) }

/** Says, where something would stand, that it was damaged in the store. */
const Damaged = ({ words }: { readonly words: string }) => <p className="flex items-center gap-2 text-[0.9375rem] text-ink-soft"><Icon name="warning" />{words}</p>

/** What was asked, as it was written: never Markdown, never HTML. */
export function QuestionView({ id, text, waiting = false, unreadable = false }: { readonly id?: string; readonly text: string; readonly waiting?: boolean; readonly unreadable?: boolean }) {
  return (
    <article id={id} className="flex justify-end" aria-busy={waiting}>
      <h2 className="sr-only">You asked</h2>
      {unreadable ? <Damaged words={text} /> : <p className={`max-w-[85%] rounded-2xl rounded-br-md bg-gate-soft px-4 py-2.5 text-[1.0625rem] whitespace-pre-wrap ${waiting ? 'opacity-75' : ''}`}>{text}</p>}
    </article>
  )
}

/** The line at which the turn is: who answers, which gate is open, and what the guard did. */
export function GateLine({ state, words, notices = [] }: { readonly state: GateState; readonly words: string; readonly notices?: readonly Notice[] }) {
  return (
    <div className="flex flex-wrap items-center gap-x-2.5 gap-y-1.5 text-sm text-ink-soft">
      <Gate state={state} className="size-5" />
      <span className="font-medium">{words}</span>
      {notices.map((notice) => (
        <span key={noticeWords(notice)} className="inline-flex items-center rounded-full bg-brass-soft px-2.5 py-0.5 font-medium text-brass">{noticeWords(notice)}</span>
      ))}
    </div>
  )
}

const endings: Readonly<Record<Entry['status'], string | null>> = {
  running: null, complete: null, stopped: 'You stopped this answer.', blocked: 'The guard stopped this answer.',
  failed: 'This answer could not be finished.', interrupted: 'The server stopped while it wrote this answer.',
}

function Sources({ citations, onCitation }: { readonly citations: readonly Citation[]; readonly onCitation: (citation: Citation) => void }) {
  return (
    <section aria-label="Sources">
      <ul className="flex flex-wrap gap-2">
        {citations.map((citation) => (
          <li key={citation.number} className="min-w-0">
            <button type="button" onClick={() => onCitation(citation)} className="flex max-w-full cursor-pointer items-center gap-2 rounded-lg border border-line bg-surface px-2.5 py-1 text-left text-sm text-ink-soft transition-colors hover:border-gate hover:text-ink">
              <span className="font-semibold text-gate tabular-nums">{citation.number}</span>
              <span className="truncate">{citation.title}{citation.heading !== '' && citation.heading !== citation.title && ` · ${citation.heading}`}</span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  )
}

export interface AnswerProps {
  readonly conversationId: string
  readonly question: Entry | undefined
  readonly entry: Entry
  readonly modelName: string
  readonly last: boolean
  readonly onCitation: (citation: Citation) => void
  readonly onRetry: (text: string) => void
}

function Actions({ conversationId, entry, question, last, onRetry }: Omit<AnswerProps, 'onCitation' | 'modelName'>) {
  return (
    <div className="-ml-2 flex items-center gap-0.5">
      <CopyButton text={entry.text} label="Copy answer" />
      <Suspense fallback={null}><FeedbackButtons conversationId={conversationId} entry={entry} /></Suspense>
      {last && question !== undefined && <IconButton icon="retry" label="Ask again" onClick={() => onRetry(question.text)} />}
    </div>
  )
}

/** An answer, growing or whole, with its sources and what can be done with it. */
export const AnswerView = memo(function AnswerView(props: AnswerProps) {
  const { entry, modelName, last, onCitation, onRetry } = props
  // What cannot be read cannot be asked again.
  const question = props.question?.unreadable?.includes('text') === true ? undefined : props.question
  const unreadable = entry.unreadable ?? []
  const running = entry.status === 'running'
  const ending = endings[entry.status]
  return (
    <article id={entry.id} className="flex flex-col gap-3" aria-busy={running}>
      <h2 className="sr-only">{modelName} answered</h2>
      <GateLine state={running ? 'incoming' : 'closed'} words={running && entry.text === '' ? `${modelName} is answering` : modelName} notices={noticesOf(question, entry)} />
      {entry.reasoning !== '' && (
        <details className="rounded-xl border border-line px-4 py-2 text-[0.9375rem] text-ink-soft" open={running && entry.text === ''}>
          <summary className="cursor-pointer font-medium">Thoughts on the way</summary>
          <p className="mt-2 whitespace-pre-wrap">{entry.reasoning}</p>
        </details>
      )}
      {unreadable.includes('text') ? <Damaged words={entry.text} /> : entry.text !== '' && <div className="text-[1.0625rem]" data-answer={entry.status}><LazyMarkdown text={entry.text} streaming={running} citations={entry.citations} onCitation={onCitation} /></div>}
      {entry.problem !== null ? <ProblemNotice problem={entry.problem}>{question !== undefined && <Button icon="retry" onClick={() => onRetry(question.text)}>Ask again</Button>}</ProblemNotice>
        : ending !== null && <p className="flex items-center gap-2 text-[0.9375rem] text-ink-soft"><Icon name="warning" />{ending}{last && question !== undefined && <Button look="quiet" icon="retry" onClick={() => onRetry(question.text)}>Ask again</Button>}</p>}
      {unreadable.includes('citations') && <Damaged words="The sources of this answer cannot be read: they were damaged in the store." />}
      {!running && entry.citations.length > 0 && <Sources citations={entry.citations} onCitation={onCitation} />}
      {!running && entry.text !== '' && !unreadable.includes('text') && <Actions {...props} question={question} last={last && ending === null && entry.problem === null} />}
    </article>
  )
})
