import type { ReplyOf } from '@sallyport/contract'
import { useState } from 'react'
import { Button } from '../../ui/button.tsx'
import { ChoiceField, TextField } from '../../ui/field.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { useAction } from '../../ui/use-action.ts'
import { call } from '../../wire/call.ts'
import { fieldProblem } from '../../wire/problem.ts'
import { RoleField } from '../people/role-field.tsx'
import { withProof } from '../proof/proof.ts'
import { LimitsFields, limitsOf, noLimits } from './key-limits.tsx'

export type NewKey = ReplyOf<'createKey'>
export type NewServiceKey = ReplyOf<'createServiceKey'>
type ServiceRole = NewServiceKey['key']['account']['role']

const lifetimes = [{ days: 30, label: '30 days' }, { days: 90, label: '90 days' }, { days: 365, label: 'One year' }, { days: null, label: 'Until it is revoked' }] as const
const serviceRoles = ['member', 'guest', 'operator', 'auditor', 'administrator'] as const satisfies readonly ServiceRole[]

interface Draft { readonly name: string; readonly days: string; readonly role: (typeof serviceRoles)[number] }
const empty: Draft = { name: '', days: '90', role: 'member' }

/** Makes a key: for oneself, or for a service that gets an account of its own. */
export function KeyForm({ forService, onMade }: { readonly forService: boolean; readonly onMade: (made: NewKey | NewServiceKey) => void }) {
  const [draft, setDraft] = useState(empty)
  const [limits, setLimits] = useState(noLimits)
  const set = (change: Partial<Draft>): void => setDraft((before) => ({ ...before, ...change }))
  const { busy, problem, submit } = useAction(async () => {
    const body = { name: draft.name, expiresInDays: draft.days === '' ? null : Number(draft.days), ...limitsOf(limits) }
    onMade(await withProof<NewKey | NewServiceKey>(() => forService ? call('createServiceKey', { body: { ...body, role: draft.role } }) : call('createKey', { body })))
  })
  return (
    <form onSubmit={submit} className="flex flex-col gap-4">
      <TextField label="Name" hint={forService ? 'What the service is called, here and in the audit log.' : 'What the key is for, such as the name of a program.'} required maxLength={80} value={draft.name} onChange={({ target }) => set({ name: target.value })} refusal={fieldProblem(problem, 'name')} />
      {forService && <RoleField role={draft.role} roles={serviceRoles} onRole={(role) => set({ role })} />}
      <ChoiceField label="Valid for" value={draft.days} onChange={({ target }) => set({ days: target.value })}>
        {lifetimes.map(({ days: value, label }) => <option key={label} value={value ?? ''}>{label}</option>)}
      </ChoiceField>
      <details className="rounded-lg border border-line px-3 py-2">
        <summary className="cursor-pointer font-medium">Limit what it can do</summary>
        <div className="pt-3"><LimitsFields draft={limits} onDraft={setLimits} problem={problem} /></div>
      </details>
      <ProblemNotice problem={problem} />
      <Button type="submit" look="main" busy={busy}>Make key</Button>
    </form>
  )
}
