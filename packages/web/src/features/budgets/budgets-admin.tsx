import type { Budget } from '@sallyport/contract'
import { useState } from 'react'
import { Button } from '../../ui/button.tsx'
import { ConfirmButton } from '../../ui/confirm-button.tsx'
import { Sheet } from '../../ui/dialog.tsx'
import { Nothing, Row, RowWords, Rows } from '../../ui/page.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { useReply } from '../../ui/use-reply.ts'
import { call } from '../../wire/call.ts'
import { roleWords } from '../people/roles.ts'
import { withProof } from '../proof/proof.ts'
import { BudgetForm } from './budget-form.tsx'
import { amountWords, scopeWords } from './budget-words.ts'
import { UsedBar } from './used-bar.tsx'

/** Whom a budget is for, in words. */
function whomOf({ scope, subject, name }: Budget): string {
  if (scope === 'all') return scopeWords.all
  const role = Object.entries(roleWords).find(([id]) => id === subject)?.[1].name
  return `${scopeWords[scope]} ${name ?? (scope === 'role' ? role : undefined) ?? subject}`
}

function BudgetRow({ budget, onEdit, onGone }: { readonly budget: Budget; readonly onEdit: () => void; readonly onGone: () => void }) {
  const { scope, subject, period, unit, amount } = budget
  const label = `${whomOf(budget)}: ${amountWords(amount, unit)}${unit === 'money' ? ' in money' : ''} a ${period}`
  return (
    <Row>
      <RowWords>
        <p className="font-medium [overflow-wrap:anywhere]">{label}</p>
        <UsedBar budget={budget} label={label} />
      </RowWords>
      {scope !== 'own' && <Button onClick={onEdit} aria-label={`Change ${label}`}>Change</Button>}
      {scope !== 'own' && <ConfirmButton label={`Remove ${label}`} title="Remove this budget?" consequence="It holds for nobody any more, at once. What was used of it is forgotten." verb="Remove" done="The budget is removed." onConfirm={async () => {
        await withProof(() => call('setBudget', { body: { scope, subject, period, unit, amount: null } }))
        onGone()
      }} />}
    </Row>
  )
}

/** All budgets: whom they are for, how they stand, and a form for one more. */
export function BudgetsAdmin() {
  const [edited, setEdited] = useState<Budget | 'new' | null>(null)
  const { value, problem, reload } = useReply('listBudgets', {})
  const close = (): void => {
    setEdited(null)
    reload()
  }
  return (
    <section aria-labelledby="budgets" className="flex flex-col gap-3">
      <div className="flex items-end justify-between gap-4">
        <div>
          <h2 id="budgets" className="font-display text-xl">Budgets</h2>
          <p className="text-sm text-ink-soft">What questions and their answers may cost in a day or a month, in UTC. All that hold for a question must have room for it.</p>
        </div>
        <Button icon="plus" onClick={() => setEdited('new')}>New budget</Button>
      </div>
      <ProblemNotice problem={problem} />
      {value?.items.length === 0 && <Nothing>There is no budget. Everybody may use what the limits let them.</Nothing>}
      {value !== null && value.items.length > 0 && <Rows label="Budgets">{value.items.map((budget) => <BudgetRow key={`${budget.scope} ${budget.subject} ${budget.period} ${budget.unit}`} budget={budget} onEdit={() => setEdited(budget)} onGone={reload} />)}</Rows>}
      <Sheet open={edited !== null} onClose={close} title={edited === null || edited === 'new' ? 'New budget' : whomOf(edited)}>
        {edited !== null && <BudgetForm budget={edited === 'new' ? null : edited} onSaved={close} />}
      </Sheet>
    </section>
  )
}
