import type { HumanCheckOffer } from '@sallyport/contract'
import { useEffect, useRef, useState, type ReactNode } from 'react'
import { announce } from '../../app/announcer.tsx'
import { Button } from '../../ui/button.tsx'
import { Sheet } from '../../ui/dialog.tsx'
import type { AskedCheck } from './human-check.ts'
import { showWidget } from './widget.ts'
import { solveByWork } from './work.ts'

type Work = Extract<HumanCheckOffer, { kind: 'proof-of-work' }>
type Widget = Extract<HumanCheckOffer, { kind: 'widget' }>
interface PartProps<Offer> { readonly offer: Offer; readonly onAnswer: (answer: string) => void; readonly onFailure: () => void }

/** The share of the tries that are done. The right one is anywhere among them, so it ends before the bar is full. */
function WorkPart({ offer, onAnswer, onFailure }: PartProps<Work>) {
  const [share, setShare] = useState(0)
  useEffect(() => {
    const stop = new AbortController()
    solveByWork(offer.challenge, { onShare: setShare, signal: stop.signal }).then((answer) => { if (answer !== null) onAnswer(answer) }, onFailure)
    return () => { stop.abort() }
  }, [offer, onAnswer, onFailure])
  const percent = Math.round(share * 100)
  return (
    <>
      <p className="text-[0.9375rem]">This browser does a little arithmetic for it, by itself. There is nothing for you to do, and nobody else is told.</p>
      <div role="progressbar" aria-label="Progress of the check" aria-valuemin={0} aria-valuemax={100} aria-valuenow={percent} className="h-2 overflow-hidden rounded-full bg-sunk">
        <div className="h-full origin-left rounded-full bg-gate transition-transform duration-150 motion-reduce:transition-none" ref={(bar) => { if (bar !== null) bar.style.transform = `scaleX(${share})` }} />
      </div>
      <p className="text-sm text-ink-soft">Mostly a second or two; more after many tries, and on a slow device.</p>
    </>
  )
}

function WidgetPart({ offer, onAnswer, onFailure }: PartProps<Widget>) {
  const place = useRef<HTMLDivElement>(null)
  useEffect(() => {
    if (place.current === null) return undefined
    const stop = new AbortController()
    showWidget(offer, { place: place.current, signal: stop.signal }).then((answer) => { if (answer !== null) onAnswer(answer) }, onFailure)
    return () => { stop.abort() }
  }, [offer, onAnswer, onFailure])
  return (
    <>
      <p className="text-[0.9375rem]">A service that this server’s administrator chose makes it: {new URL(offer.script).host}.</p>
      <div ref={place} className="min-h-18" />
    </>
  )
}

/** Makes the check, says what goes on, and lets the person give it up. */
export function HumanCheckPanel({ asked }: { readonly asked: AskedCheck }) {
  const [hasFailed, setHasFailed] = useState(false)
  // The parts begin their work anew when these change, so they must not.
  const [{ onAnswer, onFailure }] = useState(() => ({
    onAnswer: (answer: string) => { announce('The check is done.'); asked.done(answer) },
    onFailure: () => { setHasFailed(true) },
  }))
  useEffect(() => { announce('Checking that you are not a program. There is nothing for you to do.') }, [])
  const part = (): ReactNode => {
    if (hasFailed) return <p role="alert" className="text-[0.9375rem]">The check could not be made in this browser. Close this and try again; if it goes on, try another browser or tell your administrator.</p>
    return asked.offer.kind === 'proof-of-work' ? <WorkPart offer={asked.offer} onAnswer={onAnswer} onFailure={onFailure} /> : <WidgetPart offer={asked.offer} onAnswer={onAnswer} onFailure={onFailure} />
  }
  return (
    <Sheet open onClose={() => { asked.done(null) }} title="Checking that you are not a program">
      <div className="flex flex-col gap-4">
        {part()}
        <p className="text-sm text-ink-soft">It is asked for when very much came from an address or an account of late, and in some places of everybody who wants an account.</p>
        <Button onClick={() => { asked.done(null) }} className="self-start">{hasFailed ? 'Close' : 'Stop'}</Button>
      </div>
    </Sheet>
  )
}
