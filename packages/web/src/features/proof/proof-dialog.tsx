import { lazy, Suspense } from 'react'
import { useStore } from '../../app/store.ts'
import { askedStore } from './proof.ts'

const ProofForm = lazy(async () => ({ default: (await import('./proof-form.tsx')).ProofForm }))

/** Asks for one more proof when something needs it. Nothing is loaded before. */
export function ProofDialog() {
  const asked = useStore(askedStore)
  return asked === null ? null : <Suspense fallback={null}><ProofForm asked={asked} /></Suspense>
}
