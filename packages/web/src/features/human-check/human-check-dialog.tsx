import { lazy, Suspense } from 'react'
import { useStore } from '../../app/store.ts'
import { askedCheckStore } from './human-check.ts'

const HumanCheckPanel = lazy(async () => ({ default: (await import('./human-check-panel.tsx')).HumanCheckPanel }))

/** Shows the check that the server asks for, when it asks for one. Nothing of it is loaded before. */
export function HumanCheckDialog() {
  const asked = useStore(askedCheckStore)
  return asked === null ? null : <Suspense fallback={null}><HumanCheckPanel key={asked.offer.kind === 'proof-of-work' ? asked.offer.challenge.signature : asked.offer.bound} asked={asked} /></Suspense>
}
