import type { ReplyOf } from '@sallyport/contract'
import { useState, type FormEvent } from 'react'
import { Button } from '../../ui/button.tsx'
import { ChoiceField, TextField } from '../../ui/field.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { useAction } from '../../ui/use-action.ts'
import { call, type RequestOf } from '../../wire/call.ts'
import { fieldProblem } from '../../wire/problem.ts'
import { roleWords } from '../people/roles.ts'
import { withProof } from '../proof/proof.ts'

export type NewKey = ReplyOf<'createKey'>
export type NewServiceKey = ReplyOf<'createServiceKey'>
type ServiceRole = NewServiceKey['key']['account']['role']

const lifetimes = [{ days: 30, label: '30 days' }, { days: 90, label: '90 days' }, { days: 365, label: 'One year' }, { days: null, label: 'Until it is revoked' }] as const
const serviceRoles = ['member', 'guest', 'operator', 'auditor', 'administrator'] as const satisfies readonly ServiceRole[]
const wordsOf = (text: string): string[] => text.split(/[\s,]+/).filter((word) => word !== '')

interface Draft { readonly name: string; readonly days: string; readonly role: (typeof serviceRoles)[number]; readonly models: string; readonly addresses: string; readonly turnsPerDay: string }
const empty: Draft = { name: '', days: '90', role: 'member', models: '', addresses: '', turnsPerDay: '' }

/** What the form leaves empty is not limited. */
const toBody = ({ name, days, models, addresses, turnsPerDay }: Draft): RequestOf<'createKey'>['body'] => ({
  name, expiresInDays: days === '' ? null : Number(days),
  ...(wordsOf(models).length > 0 && { scopes: { models: wordsOf(models) } }),
  ...(wordsOf(addresses).length > 0 && { addresses: wordsOf(addresses) }),
  ...(turnsPerDay !== '' && { limits: { turnsPerDay: Number(turnsPerDay) } }),
})

/** Makes a key: for oneself, or for a service that gets an account of its own. */
export function KeyForm({ forService, onMade }: { readonly forService: boolean; readonly onMade: (made: NewKey | NewServiceKey) => void }) {
  const [draft, setDraft] = useState(empty)
  const set = (change: Partial<Draft>): void => setDraft((before) => ({ ...before, ...change }))
  const { busy, problem, run } = useAction(async () => {
    const body = toBody(draft)
    onMade(await withProof<NewKey | NewServiceKey>(() => forService ? call('createServiceKey', { body: { ...body, role: draft.role } }) : call('createKey', { body })))
  })
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    void run()
  }
  return (
    <form onSubmit={submit} className="flex flex-col gap-4">
      <TextField label="Name" hint={forService ? 'What the service is called, here and in the audit log.' : 'What the key is for, such as the name of a program.'} required maxLength={80} value={draft.name} onChange={({ target }) => set({ name: target.value })} refusal={fieldProblem(problem, 'name')} />
      {forService && (
        <ChoiceField label="Role" value={draft.role} hint={`${roleWords[draft.role].purpose}.`} onChange={({ target }) => set({ role: serviceRoles.find((role) => role === target.value) ?? 'member' })}>
          {serviceRoles.map((role) => <option key={role} value={role}>{roleWords[role].name}</option>)}
        </ChoiceField>
      )}
      <ChoiceField label="Valid for" value={draft.days} onChange={({ target }) => set({ days: target.value })}>
        {lifetimes.map(({ days: value, label }) => <option key={label} value={value ?? ''}>{label}</option>)}
      </ChoiceField>
      <details className="rounded-lg border border-line px-3 py-2">
        <summary className="cursor-pointer font-medium">Limit what it can do</summary>
        <div className="flex flex-col gap-4 pt-3">
          <TextField label="Models" placeholder="openai/* ollama/llama3" hint="With spaces between them. Left empty, all that you may use." value={draft.models} onChange={({ target }) => set({ models: target.value })} refusal={fieldProblem(problem, 'scopes/models/0') ?? fieldProblem(problem, 'scopes/models')} />
          <TextField label="From addresses" placeholder="203.0.113.0/24" hint="Left empty, from everywhere." value={draft.addresses} onChange={({ target }) => set({ addresses: target.value })} refusal={fieldProblem(problem, 'addresses/0') ?? fieldProblem(problem, 'addresses')} />
          <TextField label="Questions in a day" type="number" min={1} max={1_000_000} hint="Left empty, as many as your account may ask." value={draft.turnsPerDay} onChange={({ target }) => set({ turnsPerDay: target.value })} refusal={fieldProblem(problem, 'limits/turnsPerDay')} />
        </div>
      </details>
      {problem !== null && <ProblemNotice problem={problem} />}
      <Button type="submit" look="main" busy={busy}>Make key</Button>
    </form>
  )
}
