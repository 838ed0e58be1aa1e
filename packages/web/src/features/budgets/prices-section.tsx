import type { Price } from '@sallyport/contract'
import { useState } from 'react'
import { announce } from '../../app/announcer.tsx'
import { Button } from '../../ui/button.tsx'
import { ConfirmButton } from '../../ui/confirm-button.tsx'
import { Sheet } from '../../ui/dialog.tsx'
import { TextField } from '../../ui/field.tsx'
import { Nothing } from '../../ui/page.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { useAction } from '../../ui/use-action.ts'
import { useReply } from '../../ui/use-reply.ts'
import { call } from '../../wire/call.ts'
import { fieldProblem } from '../../wire/problem.ts'
import { withProof } from '../proof/proof.ts'

/** A price begins with its day in UTC, wherever its reader is. */
const days = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeZone: 'UTC' })
const prices = new Intl.NumberFormat('en', { maximumFractionDigits: 6 })

/** Sets what a model costs from a day on. */
function PriceForm({ price, onSaved }: { readonly price: Price | null; readonly onSaved: () => void }) {
  const [model, setModel] = useState(price?.model ?? '')
  const [from, setFrom] = useState(() => price?.from ?? new Date().toISOString().slice(0, 10))
  const [input, setInput] = useState(price === null ? '' : String(price.inputPerMillion))
  const [output, setOutput] = useState(price === null ? '' : String(price.outputPerMillion))
  const { busy, problem, submit } = useAction(async () => {
    await withProof(() => call('setPrice', { body: { model, from, inputPerMillion: Number(input), outputPerMillion: Number(output) } }))
    announce('The price is set.')
    onSaved()
  })
  const money = { type: 'number', min: 0, max: 1_000_000, step: 'any', required: true } as const
  return (
    <form onSubmit={submit} className="flex flex-col gap-4">
      <TextField label="Model" hint="As PROVIDER/MODEL, or PROVIDER/* for all models of a provider that have no price of their own." required value={model} onChange={({ target }) => setModel(target.value)} refusal={fieldProblem(problem, 'model')} />
      <TextField label="From" hint="The first day, in UTC. Another day keeps the price of before as it was." type="date" required value={from} onChange={({ target }) => setFrom(target.value)} refusal={fieldProblem(problem, 'from')} />
      <TextField label="A million tokens of input" {...money} value={input} onChange={({ target }) => setInput(target.value)} refusal={fieldProblem(problem, 'inputPerMillion')} />
      <TextField label="A million tokens of output" {...money} value={output} onChange={({ target }) => setOutput(target.value)} refusal={fieldProblem(problem, 'outputPerMillion')} />
      <ProblemNotice problem={problem} />
      <Button type="submit" look="main" busy={busy}>Set the price</Button>
    </form>
  )
}

/** What models cost, each from a day on. */
export function PricesSection() {
  const [edited, setEdited] = useState<Price | 'new' | null>(null)
  const { value, problem, reload } = useReply('listPrices', {})
  const close = (): void => {
    setEdited(null)
    reload()
  }
  return (
    <section aria-labelledby="prices" className="flex flex-col gap-3">
      <div className="flex items-end justify-between gap-4">
        <div>
          <h2 id="prices" className="font-display text-xl">Prices</h2>
          <p className="text-sm text-ink-soft">What a million tokens costs, for budgets in money, in the currency of your bills.</p>
        </div>
        <Button icon="plus" onClick={() => setEdited('new')}>New price</Button>
      </div>
      <ProblemNotice problem={problem} />
      {value?.items.length === 0 && <Nothing>No model has a price, so budgets in money count nothing.</Nothing>}
      {value !== null && value.items.length > 0 && (
        <div className="overflow-x-auto rounded-xl border border-line bg-surface" tabIndex={0} role="region" aria-label="Table of prices">
          <table className="w-full text-left">
            <thead className="border-b border-line text-sm text-ink-soft"><tr>{['Model', 'From', 'Input', 'Output'].map((head) => <th key={head} scope="col" className="px-4 py-2 font-medium sm:px-5">{head}</th>)}<th scope="col"><span className="sr-only">What can be done</span></th></tr></thead>
            <tbody className="divide-y divide-line">
              {value.items.map((price) => <PriceRow key={`${price.model} ${price.from}`} price={price} onEdit={() => setEdited(price)} onGone={reload} />)}
            </tbody>
          </table>
        </div>
      )}
      <Sheet open={edited !== null} onClose={close} title={edited === null || edited === 'new' ? 'New price' : `Price of ${edited.model}`}>
        {edited !== null && <PriceForm price={edited === 'new' ? null : edited} onSaved={close} />}
      </Sheet>
    </section>
  )
}

function PriceRow({ price: { model, from, inputPerMillion, outputPerMillion }, onEdit, onGone }: { readonly price: Price; readonly onEdit: () => void; readonly onGone: () => void }) {
  const label = `${model} from ${from}`
  return (
    <tr>
      <th scope="row" className="px-4 py-2 font-mono text-sm font-normal [overflow-wrap:anywhere] sm:px-5">{model}</th>
      <td className="px-4 py-2 text-sm whitespace-nowrap sm:px-5"><time dateTime={from}>{days.format(new Date(from))}</time></td>
      <td className="px-4 py-2 sm:px-5">{prices.format(inputPerMillion)}</td>
      <td className="px-4 py-2 sm:px-5">{prices.format(outputPerMillion)}</td>
      <td className="px-2 py-2 text-right whitespace-nowrap">
        <span className="inline-flex items-center gap-1">
          <Button onClick={onEdit} aria-label={`Change the price of ${label}`}>Change</Button>
          <ConfirmButton label={`Remove the price of ${label}`} title="Remove this price?" consequence="From now on the price before it counts, or none. What was counted stays counted." verb="Remove" done="The price is removed." onConfirm={async () => {
            await withProof(() => call('removePrice', { body: { model, from } }))
            onGone()
          }} />
        </span>
      </td>
    </tr>
  )
}
