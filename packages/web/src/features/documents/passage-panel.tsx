import type { Citation } from '@sallyport/contract'
import { useCallback, useEffect, useRef } from 'react'
import { SidePanel } from '../../ui/dialog.tsx'
import { LazyMarkdown } from '../../ui/markdown/lazy-markdown.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { useLoaded } from '../../ui/use-loaded.ts'
import { useWide } from '../../ui/use-media.ts'
import { call } from '../../wire/call.ts'

const noCitations: readonly Citation[] = []
const noOpening = () => undefined

function Surroundings({ text }: { readonly text: string }) {
  return text === '' ? null : <div className="text-ink-soft"><LazyMarkdown text={text} citations={noCitations} onCitation={noOpening} /></div>
}

function PassageText({ citation }: { readonly citation: Citation }) {
  const load = useCallback((signal: AbortSignal) => call('getPassage', { params: { passageId: citation.passageId } }, signal), [citation.passageId])
  const { value, problem } = useLoaded(load)
  const place = useRef<HTMLDivElement>(null)
  useEffect(() => { void place.current?.scrollIntoView({ block: 'center' }) }, [value])
  if (problem !== null) return <ProblemNotice problem={problem} />
  if (value === null) return <p className="text-ink-soft">Opening the passage</p>
  return (
    <div className="flex flex-col gap-4 text-[0.9375rem]">
      <Surroundings text={value.before} />
      <div ref={place} role="region" aria-label="The cited passage" className="-mx-3 rounded-lg border-l-3 border-brass bg-brass-soft px-3 py-3">
        <LazyMarkdown text={value.text} citations={noCitations} onCitation={noOpening} />
      </div>
      <Surroundings text={value.after} />
    </div>
  )
}

/** Shows a cited passage where it stands in its document. Beside the chat on a wide screen, over it on a narrow one. */
export function PassagePanel({ citation, open, onClose }: { readonly citation: Citation; readonly open: boolean; readonly onClose: () => void }) {
  const wide = useWide()
  return (
    <SidePanel side="right" open={open} modal={!wide} onClose={onClose} title={citation.title}>
      <div className="flex-1 overflow-y-auto px-5 pb-8" tabIndex={0} role="region" aria-label="Document">
        {citation.heading !== '' && <p className="mb-4 text-sm text-ink-soft">{citation.heading}</p>}
        <PassageText key={citation.passageId} citation={citation} />
      </div>
    </SidePanel>
  )
}
