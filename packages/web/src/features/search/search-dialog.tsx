import { useEffect, useState, type KeyboardEvent } from 'react'
import { navigate } from '../../app/router.tsx'
import { Sheet } from '../../ui/dialog.tsx'
import { Icon } from '../../ui/icon.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { call } from '../../wire/call.ts'
import { isAbort, problemOf, type PageProblem } from '../../wire/problem.ts'
import { hitsOf, type Hit } from './found.ts'
import { goToMessage } from './go-to-message.ts'

/** Nobody types faster than this between two letters that are meant to be searched for. */
const PAUSE_MILLISECONDS = 140
const MOST_CHARACTERS = 200

interface Found { readonly hits: readonly Hit[]; readonly text: string; readonly problem: PageProblem | null }
const nothing: Found = { hits: [], text: '', problem: null }

/** What the server finds for a text, a moment after it was typed. Meanwhile the results of the text before stay. */
function useFound(text: string): Found {
  const [found, setFound] = useState<Found>(nothing)
  useEffect(() => {
    if (text.trim() === '') { setFound(nothing); return }
    const controller = new AbortController()
    const timer = setTimeout(() => {
      call('searchConversations', { body: { text } }, controller.signal).then((reply) => setFound({ hits: hitsOf(reply), text, problem: null }), (error: unknown) => {
        if (!isAbort(error)) setFound({ hits: [], text, problem: problemOf(error) })
      })
    }, PAUSE_MILLISECONDS)
    return () => { clearTimeout(timer); controller.abort() }
  }, [text])
  return found
}

function Option({ hit, id, chosen, onChoose }: { readonly hit: Hit; readonly id: string; readonly chosen: boolean; readonly onChoose: () => void }) {
  return (
    <button type="button" id={id} role="option" tabIndex={-1} aria-selected={chosen} onClick={onChoose} className={`block w-full cursor-pointer rounded-lg px-3 py-2 text-left ${chosen ? 'bg-gate-soft' : 'hover:bg-sunk'}`}>
      <span className="flex items-baseline justify-between gap-3"><span className="min-w-0 truncate font-medium">{hit.title}</span><span className="shrink-0 text-sm text-ink-soft">{hit.said}</span></span>
      {hit.pieces.length > 0 && <span className="mt-0.5 block text-[0.9375rem] wrap-anywhere text-ink-soft">{hit.pieces.map(({ text, marked }, index) => (marked ? <mark key={index} className="rounded-sm bg-brass-soft text-ink">{text}</mark> : text))}</span>}
    </button>
  )
}

const wordsFor = ({ text, hits }: Found): string => (text === '' ? 'Whole words are found, in any of their forms.' : hits.length === 0 ? `Nothing holds “${text}”.` : `${hits.length} found`)

/** Searches one's own messages by their words, and titles by any part. */
export function SearchDialog({ open, onClose }: { readonly open: boolean; readonly onClose: () => void }) {
  const [text, setText] = useState('')
  const [at, setAt] = useState(0)
  const found = useFound(text)
  const { hits, problem } = found
  useEffect(() => { setAt(0) }, [hits])
  const choose = (hit: Hit | undefined): void => {
    if (hit === undefined) return
    onClose()
    if (hit.messageId === null) navigate(`/conversations/${hit.conversationId}`)
    else void goToMessage(hit.conversationId, hit.messageId)
  }
  const move = (to: number): void => {
    const next = Math.max(0, Math.min(hits.length - 1, to))
    setAt(next)
    document.querySelector(`#found-${next}`)?.scrollIntoView({ block: 'nearest' })
  }
  const press = (event: KeyboardEvent): void => {
    const steps: Readonly<Record<string, number>> = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: hits.length - 1 }
    const to = steps[event.key]
    if (event.key === 'Enter') choose(hits[at])
    else if (to !== undefined && hits.length > 0) move(to)
    else return
    event.preventDefault()
  }
  return (
    <Sheet open={open} onClose={onClose} title="Search conversations">
      <label className="flex h-11 items-center gap-2 rounded-lg border border-line-strong bg-surface px-3 focus-within:border-gate">
        <Icon name="search" className="size-4 text-ink-soft" />
        <span className="sr-only">Words to look for</span>
        <input type="search" role="combobox" autoFocus autoComplete="off" maxLength={MOST_CHARACTERS} aria-expanded={hits.length > 0} aria-controls="found" aria-autocomplete="list" {...(hits.length > 0 && { 'aria-activedescendant': `found-${at}` })} value={text} onChange={({ target }) => setText(target.value)} onKeyDown={press} className="min-w-0 flex-1 bg-transparent outline-none" />
      </label>
      <ProblemNotice problem={problem} />
      <p role="status" className="text-sm text-ink-soft">{wordsFor(found)}</p>
      <div id="found" role="listbox" aria-label="Found" tabIndex={-1} className={`-mx-3 min-h-0 overflow-y-auto ${hits.length === 0 ? 'hidden' : ''}`}>
        {hits.map((hit, index) => <Option key={hit.key} hit={hit} id={`found-${index}`} chosen={index === at} onChoose={() => choose(hit)} />)}
      </div>
    </Sheet>
  )
}
