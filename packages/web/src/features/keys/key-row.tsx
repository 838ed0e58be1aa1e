import type { ReplyOf } from '@sallyport/contract'
import { useState } from 'react'
import { announce } from '../../app/announcer.tsx'
import { Button } from '../../ui/button.tsx'
import { ConfirmButton } from '../../ui/confirm-button.tsx'
import { Sheet } from '../../ui/dialog.tsx'
import { ChoiceField, TextField } from '../../ui/field.tsx'
import { Day, Row, RowWords } from '../../ui/page.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { useAction } from '../../ui/use-action.ts'
import { call } from '../../wire/call.ts'
import { fieldProblem } from '../../wire/problem.ts'
import { withProof } from '../proof/proof.ts'
import type { NewKey, NewServiceKey } from './key-form.tsx'
import { LimitsFields, limitsDraftOf, limitsOf } from './key-limits.tsx'

export type Key = ReplyOf<'listKeys'>['items'][number]
export type ServiceKey = ReplyOf<'listServiceKeys'>['items'][number]

/** What limits a key, in a few words each. */
function limitWords({ scopes, addresses, limits }: Key): readonly string[] {
  const named = (what: string, list: readonly string[] | null): string | false => list !== null && `${what} ${list.slice(0, 3).join(', ')}${list.length > 3 ? ' and more' : ''}`
  return [
    named('models', scopes.models), named('documents', scopes.collections), named('may', scopes.permissions), named('operations', scopes.operations), named('from', addresses),
    limits.turnsPerDay !== null && `${limits.turnsPerDay} questions a day`, limits.turnsPerMinute !== null && `${limits.turnsPerMinute} questions a minute`,
    limits.requestsPerMinute !== null && `${limits.requestsPerMinute} requests a minute`, limits.tokensPerDay !== null && `${limits.tokensPerDay} tokens a day`,
  ].filter((part) => part !== false)
}

const graces = [{ hours: 24, label: 'For a day' }, { hours: 168, label: 'For a week' }, { hours: 0, label: 'Not at all' }] as const

function Rotate({ apiKey, onMade }: { readonly apiKey: Key; readonly onMade: (made: NewKey | NewServiceKey) => void }) {
  const [hours, setHours] = useState('24')
  const params = { keyId: apiKey.id }
  const { busy, problem, run } = useAction(async () => {
    const body = { graceHours: Number(hours) }
    onMade(await withProof<NewKey | NewServiceKey>(() => 'account' in apiKey ? call('rotateServiceKey', { params, body }) : call('rotateKey', { params, body })))
  })
  return (
    <div className="flex flex-col gap-4">
      <p className="text-[0.9375rem]">The key gets a new value. The old one goes on for a while, so that no program stops.</p>
      <ChoiceField label="The old value goes on" value={hours} onChange={({ target }) => setHours(target.value)}>{graces.map(({ hours: value, label }) => <option key={value} value={value}>{label}</option>)}</ChoiceField>
      <ProblemNotice problem={problem} />
      <Button look="main" busy={busy} onClick={() => void run()}>Make a new value</Button>
    </div>
  )
}

function Change({ apiKey, onChanged }: { readonly apiKey: Key; readonly onChanged: () => void }) {
  const [name, setName] = useState(apiKey.name)
  const [limits, setLimits] = useState(() => limitsDraftOf(apiKey))
  const { busy, problem, submit } = useAction(async () => {
    const request = { params: { keyId: apiKey.id }, body: { name, ...limitsOf(limits) } }
    await withProof<unknown>(() => call('account' in apiKey ? 'changeServiceKey' : 'changeKey', request))
    announce('The key is changed.')
    onChanged()
  })
  return (
    <form onSubmit={submit} className="flex flex-col gap-4">
      <TextField label="Name" required maxLength={80} value={name} onChange={({ target }) => setName(target.value)} refusal={fieldProblem(problem, 'name')} />
      <LimitsFields draft={limits} onDraft={setLimits} problem={problem} />
      <ProblemNotice problem={problem} />
      <Button type="submit" look="main" busy={busy}>Save</Button>
    </form>
  )
}

interface RowProps { readonly apiKey: Key | ServiceKey; readonly mayManage: boolean; readonly onChanged: () => void; readonly onMade: (made: NewKey | NewServiceKey) => void }

/** One key: what it is for, what limits it, when it was used; revoke, and where one may, change and rotate. */
export function KeyRow({ apiKey, mayManage, onChanged, onMade }: RowProps) {
  const [open, setOpen] = useState<'change' | 'rotate' | null>(null)
  const close = (): void => setOpen(null)
  const { id, name, start, createdAt, expiresAt, lastUsedAt, lastUsedAddress, isRotationDue, formerValues } = apiKey
  const limits = limitWords(apiKey)
  return (
    <Row>
      <RowWords>
        <p className="flex flex-wrap items-baseline gap-x-3"><span className="font-medium">{name}</span><span className="font-mono text-sm text-ink-soft">{start}…</span></p>
        <p className="text-sm text-ink-soft">Made <Day at={createdAt} /> · {lastUsedAt === null ? 'never used' : <>last used <Day at={lastUsedAt} />{lastUsedAddress !== null && ` from ${lastUsedAddress}`}</>} · {expiresAt === null ? 'does not expire' : <>expires <Day at={expiresAt} /></>}</p>
        {limits.length > 0 && <p className="text-sm text-ink-soft [overflow-wrap:anywhere]">Limited: {limits.join(' · ')}</p>}
        {formerValues.map((former) => <p key={former.start} className="text-sm text-ink-soft">The old value {former.start}… works until <Day at={former.endsAt} />.</p>)}
        {isRotationDue && <p className="text-sm font-medium text-brass">Its value is older than 90 days. {mayManage ? 'Make a new one.' : 'Revoke it if nothing uses it.'}</p>}
      </RowWords>
      {mayManage && <Button onClick={() => setOpen('change')} aria-label={`Change ${name}`}>Change</Button>}
      {mayManage && <Button onClick={() => setOpen('rotate')} aria-label={`Rotate ${name}`}>Rotate</Button>}
      <ConfirmButton label={`Revoke ${name}`} title="Revoke this key?" consequence={`Programs that use “${name}” are refused from now on.`} verb="Revoke" done="The key is revoked." onConfirm={async () => {
        await withProof(() => call('account' in apiKey ? 'revokeServiceKey' : 'revokeKey', { params: { keyId: id } }))
        onChanged()
      }} />
      <Sheet open={open !== null} onClose={close} title={`${open === 'change' ? 'Change' : 'Rotate'} ${name}`}>
        {open === 'change' && <Change apiKey={apiKey} onChanged={() => { close(); onChanged() }} />}
        {open === 'rotate' && <Rotate apiKey={apiKey} onMade={(made) => { close(); onMade(made) }} />}
      </Sheet>
    </Row>
  )
}
