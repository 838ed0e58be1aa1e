import { useState, type ReactNode } from 'react'
import { announce } from '../../app/announcer.tsx'
import { Button } from '../../ui/button.tsx'
import { Sheet } from '../../ui/dialog.tsx'
import { ShownOnce } from '../../ui/shown-once.tsx'
import { KeyForm, type NewKey, type NewServiceKey } from './key-form.tsx'

function NewValue({ value, onClose }: { readonly value: string; readonly onClose: () => void }) {
  const command = `curl ${location.origin}/v1/models -H "Authorization: Bearer $SALLYPORT_API_KEY"`
  return (
    <div className="flex flex-col gap-4">
      <ShownOnce value={value} label="Copy key">Copy the key now. Sallyport keeps only a digest of it and cannot show it again.</ShownOnce>
      <div>
        <p className="mb-1.5 text-sm text-ink-soft">It works with every OpenAI client whose base address is {location.origin}/v1, for instance:</p>
        <pre className="overflow-x-auto rounded-lg bg-sunk px-3 py-2.5 font-mono text-xs" tabIndex={0} role="region" aria-label="Example">{command}</pre>
      </div>
      <Button look="main" onClick={onClose}>I have copied it</Button>
    </div>
  )
}

interface KeySheet {
  /** Asks what the new key should be. */
  readonly open: (forWhom: 'own' | 'service') => void
  /** Shows a value that was just made, once. */
  readonly show: (made: NewKey | NewServiceKey) => void
  readonly sheet: ReactNode
}

/** The sheet in which a key is made and its value shown once. `onClosed` follows whether one was made or not. */
export function useKeySheet(onClosed: () => void): KeySheet {
  const [making, setMaking] = useState<'own' | 'service' | null>(null)
  const [made, setMade] = useState<NewKey | NewServiceKey | null>(null)
  const show = (next: NewKey | NewServiceKey): void => {
    setMaking(null)
    setMade(next)
    announce('The key is made. Copy it now.')
  }
  const close = (): void => {
    setMaking(null)
    setMade(null)
    onClosed()
  }
  const sheet = (
    <Sheet open={making !== null || made !== null} onClose={close} title={made !== null ? 'Your new key' : making === 'service' ? 'New service key' : 'New API key'}>
      {made !== null ? <NewValue value={made.value} onClose={close} /> : making !== null && <KeyForm forService={making === 'service'} onMade={show} />}
    </Sheet>
  )
  return { open: setMaking, show, sheet }
}
