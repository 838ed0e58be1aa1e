import { useCallback, useState } from 'react'
import { announce } from '../../app/announcer.tsx'
import type { Session } from '../../app/session.ts'
import { Button } from '../../ui/button.tsx'
import { Sheet } from '../../ui/dialog.tsx'
import { Nothing, Page, Rows } from '../../ui/page.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { ShownOnce } from '../../ui/shown-once.tsx'
import { useLoaded, type Loaded } from '../../ui/use-loaded.ts'
import { call } from '../../wire/call.ts'
import { Section } from '../account/section.tsx'
import { KeyForm, type NewKey, type NewServiceKey } from './key-form.tsx'
import { KeyRow, type Key, type ServiceKey } from './key-row.tsx'

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

interface ListProps {
  readonly label: string
  readonly nothing: string
  readonly loaded: Loaded<{ readonly items: readonly (Key | ServiceKey)[] }>
  readonly onMade: (made: NewKey | NewServiceKey) => void
}

function KeyList({ label, nothing, loaded: { value, problem, reload }, onMade }: ListProps) {
  return (
    <>
      {problem !== null && <ProblemNotice problem={problem} />}
      {value?.items.length === 0 && <Nothing>{nothing}</Nothing>}
      {value !== null && value.items.length > 0 && <Rows label={label}>{value.items.map((key) => <KeyRow key={key.id} apiKey={key} onChanged={reload} onMade={onMade} />)}</Rows>}
    </>
  )
}

/** The keys of services, for those who manage them. */
function ServiceKeys({ onNew, onMade }: { readonly onNew: () => void; readonly onMade: ListProps['onMade'] }) {
  const loaded = useLoaded(useCallback((signal: AbortSignal) => call('listServiceKeys', { query: { limit: 100 } }, signal), []))
  return (
    <Section title="Service keys" purpose="For programs that act for themselves. Each has an account of its own that cannot sign in, and outlives the person who made it." action={<Button icon="plus" onClick={onNew}>New service key</Button>}>
      <KeyList label="Service keys" nothing="No service has a key yet." loaded={loaded} onMade={onMade} />
    </Section>
  )
}

/** Own API keys, and for administrators those of services: make, copy once, rotate, revoke. */
export function KeysScreen({ session }: { readonly session: Session }) {
  const [making, setMaking] = useState<'own' | 'service' | null>(null)
  const [made, setMade] = useState<NewKey | NewServiceKey | null>(null)
  const [round, setRound] = useState(0)
  const own = useLoaded(useCallback((signal: AbortSignal) => call('listKeys', { query: { limit: 100 } }, signal), []))
  const show = (next: NewKey | NewServiceKey): void => {
    setMaking(null)
    setMade(next)
    announce('The key is made. Copy it now.')
  }
  const close = (): void => {
    setMaking(null)
    setMade(null)
    own.reload()
    setRound((count) => count + 1)
  }
  return (
    <Page title="API keys" purpose="With a key, your own programs can use Sallyport as you do, under the same checks." action={<Button look="main" icon="plus" onClick={() => setMaking('own')}>New key</Button>}>
      <KeyList label="Keys" nothing="You have no keys yet. Make one to use Sallyport from an OpenAI client or your own program." loaded={own} onMade={show} />
      {session.permissions.includes('service-key:manage') && <ServiceKeys key={round} onNew={() => setMaking('service')} onMade={show} />}
      <Sheet open={making !== null || made !== null} onClose={close} title={made !== null ? 'Your new key' : making === 'service' ? 'New service key' : 'New API key'}>
        {made !== null ? <NewValue value={made.value} onClose={close} /> : making !== null && <KeyForm forService={making === 'service'} onMade={show} />}
      </Sheet>
    </Page>
  )
}
