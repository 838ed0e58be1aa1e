import type { Budget, BodyOf } from '@sallyport/contract'
import { useCallback, useState } from 'react'
import { announce } from '../../app/announcer.tsx'
import { Button } from '../../ui/button.tsx'
import { ChoiceField, TextField } from '../../ui/field.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { useAction } from '../../ui/use-action.ts'
import { useLoaded } from '../../ui/use-loaded.ts'
import { call } from '../../wire/call.ts'
import { fieldProblem } from '../../wire/problem.ts'
import { roleWords } from '../people/roles.ts'
import { withProof } from '../proof/proof.ts'
import { scopeWords } from './budget-words.ts'

type Scope = BodyOf<'setBudget'>['scope']
interface Choice { readonly value: string; readonly label: string }
const scopes = ['all', 'role', 'group', 'account', 'key', 'provider', 'credential'] as const satisfies readonly Scope[]
const roles: readonly Choice[] = Object.entries(roleWords).map(([value, { name }]) => ({ value, label: name }))
const listed = { limit: 100 } as const

/** What a scope can be chosen from; null where its id must be given. */
async function choicesOf(scope: Scope, signal: AbortSignal): Promise<readonly Choice[] | null> {
  switch (scope) {
    case 'all': return []
    case 'role': return roles
    case 'group': return (await call('listGroups', { query: listed }, signal)).items.map(({ id, name }) => ({ value: id, label: name }))
    case 'account': return (await call('listAccounts', { query: listed }, signal)).items.map(({ id, name }) => ({ value: id, label: name }))
    case 'provider': return (await call('listProviders', {}, signal)).items.map(({ name }) => ({ value: name, label: name }))
    case 'key': case 'credential': return null
  }
}

interface SubjectProps { readonly scope: Scope; readonly value: string; readonly refusal: string | undefined; readonly onChange: (value: string) => void }

/** Whose the budget is: out of a list, or by an id. */
function SubjectField({ scope, value, refusal, onChange }: SubjectProps) {
  const { value: choices, problem } = useLoaded(useCallback((signal: AbortSignal) => choicesOf(scope, signal), [scope]))
  if (scope === 'all') return null
  if (problem !== null) return <ProblemNotice problem={problem} />
  if (choices === null) {
    return <TextField label={`Id of the ${scope === 'key' ? 'API key' : 'key of a provider'}`} hint={scope === 'key' ? 'It begins with key_, and stands in the list of keys over the API and the command line.' : 'It begins with pvc_, and stands in the list of a provider’s keys over the API and the command line.'} required value={value} onChange={({ target }) => onChange(target.value.trim())} refusal={refusal} />
  }
  return (
    <ChoiceField label={scopeWords[scope]} required value={value} onChange={({ target }) => onChange(target.value)} refusal={refusal}>
      <option value="">Choose</option>
      {choices.map(({ value: id, label }) => <option key={id} value={id}>{label}</option>)}
    </ChoiceField>
  )
}

/** Sets a budget, or changes the amount of one that is there. */
export function BudgetForm({ budget, onSaved }: { readonly budget: Budget | null; readonly onSaved: () => void }) {
  const [scope, setScope] = useState<Scope>('all')
  const [subject, setSubject] = useState('')
  const [period, setPeriod] = useState<Budget['period']>('month')
  const [unit, setUnit] = useState<Budget['unit']>('tokens')
  const [amount, setAmount] = useState(budget === null ? '' : String(budget.amount))
  const { busy, problem, submit } = useAction(async () => {
    const whose = budget === null || budget.scope === 'own' ? { scope, subject, period, unit } : { scope: budget.scope, subject: budget.subject, period: budget.period, unit: budget.unit }
    await withProof(() => call('setBudget', { body: { ...whose, amount: Number(amount) } }))
    announce('The budget is set.')
    onSaved()
  })
  return (
    <form onSubmit={submit} className="flex flex-col gap-4">
      {budget === null && (
        <>
          <ChoiceField label="For" value={scope} onChange={({ target }) => { setScope(scopes.find((one) => one === target.value) ?? 'all'); setSubject('') }}>
            {scopes.map((one) => <option key={one} value={one}>{scopeWords[one]}</option>)}
          </ChoiceField>
          <SubjectField key={scope} scope={scope} value={subject} onChange={setSubject} refusal={fieldProblem(problem, 'subject')} />
          <ChoiceField label="Counted in" value={unit} hint={unit === 'money' ? 'By the prices below. A model without a price costs nothing.' : undefined} onChange={({ target }) => setUnit(target.value === 'money' ? 'money' : 'tokens')}>
            <option value="tokens">Tokens</option><option value="money">Money</option>
          </ChoiceField>
          <ChoiceField label="Anew every" value={period} onChange={({ target }) => setPeriod(target.value === 'day' ? 'day' : 'month')}>
            <option value="day">Day</option><option value="month">Month</option>
          </ChoiceField>
        </>
      )}
      <TextField label="Amount" type="number" min={unit === 'tokens' ? 1 : 0.000001} max={1_000_000_000} step={unit === 'tokens' && budget?.unit !== 'money' ? 1 : 'any'} required value={amount} onChange={({ target }) => setAmount(target.value)} refusal={fieldProblem(problem, 'amount')} />
      <ProblemNotice problem={problem} />
      <Button type="submit" look="main" busy={busy}>Set the budget</Button>
    </form>
  )
}
