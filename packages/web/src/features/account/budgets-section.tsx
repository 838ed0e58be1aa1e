import type { Budget } from '@sallyport/contract'
import { useState } from 'react'
import { announce } from '../../app/announcer.tsx'
import { Button } from '../../ui/button.tsx'
import { TextField } from '../../ui/field.tsx'
import { Nothing, Rows } from '../../ui/page.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { useAction } from '../../ui/use-action.ts'
import { useReply } from '../../ui/use-reply.ts'
import { call } from '../../wire/call.ts'
import { amountWords } from '../budgets/budget-words.ts'
import { UsedBar } from '../budgets/used-bar.tsx'
import { Section } from './section.tsx'

const whose: Readonly<Record<Budget['scope'], string>> = { all: 'Everybody here together', account: 'Your account', group: 'One of your groups', key: 'An API key', role: 'Everybody with your role together', own: 'Your own cap', provider: 'A provider', credential: 'A provider' }

/** What may be spent on one's questions, what is left, and a cap of one's own. */
export function BudgetsSection() {
  const { value, problem, reload } = useReply('getUsage', {})
  const [tokens, setTokens] = useState('')
  const cap = useAction(async (amount: number | null) => {
    await call('setOwnCap', { body: { period: 'month', unit: 'tokens', amount } })
    announce(amount === null ? 'Your cap is removed.' : 'Your cap is set.')
    setTokens('')
    reload()
  })
  const failed = problem ?? cap.problem
  const hasCap = value?.budgets.some(({ scope, unit, period }) => scope === 'own' && unit === 'tokens' && period === 'month') === true
  const amount = Number(tokens)
  return (
    <Section title="Your budgets" purpose="What your questions and their answers may cost. When a budget is spent, answers end there, and new questions wait until it begins anew." action={hasCap && <Button busy={cap.busy} onClick={() => void cap.run(null)}>Remove your cap</Button>}>
      <ProblemNotice problem={failed} />
      {value?.budgets.length === 0 && <Nothing>Nobody has set a budget for you.</Nothing>}
      {value !== null && value.budgets.length > 0 && <Rows label="Budgets">{value.budgets.map((budget) => <BudgetRow key={`${budget.scope} ${budget.subject} ${budget.period} ${budget.unit}`} budget={budget} />)}</Rows>}
      {value !== null && value.cache.hits > 0 && <p className="mt-3 text-sm text-ink-soft">This month {value.cache.hits} {value.cache.hits === 1 ? 'answer was' : 'answers were'} given to you again, which spared {shown.format(value.cache.savedTokens)} tokens.</p>}
      <form className="mt-4 flex items-end gap-3" onSubmit={(event) => cap.submit(event, amount)}>
        <TextField label="Tokens a month, as a cap of your own" value={tokens} inputMode="numeric" onChange={(event) => { setTokens(event.target.value) }} />
        <Button type="submit" busy={cap.busy} disabled={!Number.isInteger(amount) || amount < 1}>Set the cap</Button>
      </form>
    </Section>
  )
}

const shown = new Intl.NumberFormat('en', { maximumFractionDigits: 2 })

function BudgetRow({ budget }: { readonly budget: Budget }) {
  const { scope, period, unit, amount } = budget
  return (
    <li className="px-4 py-3 sm:px-5">
      <p className="font-medium">{whose[scope]}: {amountWords(amount, unit)} a {period}</p>
      <UsedBar budget={budget} label={whose[scope]} />
    </li>
  )
}
