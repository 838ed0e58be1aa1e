import type { ReplyOf } from '@sallyport/contract'
import { useCallback, useState, type FormEvent } from 'react'
import { announce } from '../../app/announcer.tsx'
import { Button } from '../../ui/button.tsx'
import { ConfirmButton } from '../../ui/confirm-button.tsx'
import { CopyButton } from '../../ui/copy-button.tsx'
import { Sheet } from '../../ui/dialog.tsx'
import { ChoiceField, TextField } from '../../ui/field.tsx'
import { Day, Nothing, Page, Rows } from '../../ui/page.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { useAction } from '../../ui/use-action.ts'
import { useLoaded } from '../../ui/use-loaded.ts'
import { call } from '../../wire/call.ts'
import { fieldProblem } from '../../wire/problem.ts'

type NewKey = ReplyOf<'createKey'>
type Key = NewKey['key']

const lifetimes = [{ days: 30, label: '30 days' }, { days: 90, label: '90 days' }, { days: 365, label: 'One year' }, { days: null, label: 'Until it is revoked' }] as const

function ShownOnce({ made, onClose }: { readonly made: NewKey; readonly onClose: () => void }) {
  const command = `curl ${location.origin}/v1/models -H "Authorization: Bearer $SALLYPORT_API_KEY"`
  return (
    <div className="flex flex-col gap-4">
      <p>Copy the key now. Sallyport keeps only a digest of it and cannot show it again.</p>
      <p data-key className="rounded-lg bg-sunk px-3 py-2.5 font-mono text-sm break-all">{made.value}</p>
      <CopyButton text={made.value} label="Copy key" words />
      <div>
        <p className="mb-1.5 text-sm text-ink-soft">It works with every OpenAI client whose base address is {location.origin}/v1, for instance:</p>
        <pre className="overflow-x-auto rounded-lg bg-sunk px-3 py-2.5 font-mono text-xs" tabIndex={0} role="region" aria-label="Example">{command}</pre>
      </div>
      <Button look="main" onClick={onClose}>I have copied it</Button>
    </div>
  )
}

function KeyForm({ onMade }: { readonly onMade: (made: NewKey) => void }) {
  const [name, setName] = useState('')
  const [days, setDays] = useState('90')
  const { busy, problem, run } = useAction(async () => {
    onMade(await call('createKey', { body: { name, ...(days !== '' && { expiresInDays: Number(days) }) } }))
    announce('The key is made. Copy it now.')
  })
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    void run()
  }
  return (
    <form onSubmit={submit} className="flex flex-col gap-4">
      <TextField label="Name" hint="What the key is for, such as the name of a program." required maxLength={80} value={name} onChange={({ target }) => setName(target.value)} refusal={fieldProblem(problem, 'name')} />
      <ChoiceField label="Valid for" value={days} onChange={({ target }) => setDays(target.value)}>
        {lifetimes.map(({ days: value, label }) => <option key={label} value={value ?? ''}>{label}</option>)}
      </ChoiceField>
      {problem !== null && <ProblemNotice problem={problem} />}
      <Button type="submit" look="main" busy={busy}>Make key</Button>
    </form>
  )
}

function KeyRow({ apiKey, onRevoked }: { readonly apiKey: Key; readonly onRevoked: () => void }) {
  const { id, name, start, createdAt, expiresAt, lastUsedAt } = apiKey
  return (
    <li className="flex items-center gap-3 px-4 py-3 sm:px-5">
      <div className="min-w-0 flex-1">
        <p className="flex flex-wrap items-baseline gap-x-3"><span className="font-medium">{name}</span><span className="font-mono text-sm text-ink-soft">{start}…</span></p>
        <p className="text-sm text-ink-soft">Made <Day at={createdAt} /> · {lastUsedAt === null ? 'never used' : <>last used <Day at={lastUsedAt} /></>} · {expiresAt === null ? 'does not expire' : <>expires <Day at={expiresAt} /></>}</p>
      </div>
      <ConfirmButton label={`Revoke ${name}`} title="Revoke this key?" consequence={`Programs that use “${name}” are refused from now on.`} verb="Revoke" done="The key is revoked." onConfirm={async () => {
        await call('revokeKey', { params: { keyId: id } })
        onRevoked()
      }} />
    </li>
  )
}

/** Own API keys: make, copy once, revoke. */
export function KeysScreen() {
  const [open, setOpen] = useState(false)
  const [made, setMade] = useState<NewKey | null>(null)
  const { value, problem, reload } = useLoaded(useCallback((signal: AbortSignal) => call('listKeys', { query: { limit: 100 } }, signal), []))
  const close = (): void => {
    setOpen(false)
    setMade(null)
    reload()
  }
  return (
    <Page title="API keys" purpose="With a key, your own programs can use Sallyport as you do, under the same checks." action={<Button look="main" icon="plus" onClick={() => setOpen(true)}>New key</Button>}>
      {problem !== null && <ProblemNotice problem={problem} />}
      {value?.items.length === 0 && <Nothing>You have no keys yet. Make one to use Sallyport from an OpenAI client or your own program.</Nothing>}
      {value !== null && value.items.length > 0 && <Rows label="Keys">{value.items.map((key) => <KeyRow key={key.id} apiKey={key} onRevoked={reload} />)}</Rows>}
      <Sheet open={open} onClose={close} title={made === null ? 'New API key' : 'Your new key'}>
        {made === null ? <KeyForm onMade={setMade} /> : <ShownOnce made={made} onClose={close} />}
      </Sheet>
    </Page>
  )
}
