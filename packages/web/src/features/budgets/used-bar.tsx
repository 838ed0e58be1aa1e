import type { Budget } from '@sallyport/contract'
import { Until } from '../../ui/page.tsx'
import { amountWords } from './budget-words.ts'

/** From this share on a budget counts as nearly spent. */
const NEARLY = 0.8

/** What is used of a budget, what is left, and when it begins anew. */
export function UsedBar({ budget: { amount, used, unit, resetsAt, isNearlySpent }, label }: { readonly budget: Budget; readonly label: string }) {
  return (
    <>
      <p className="text-sm text-ink-soft">{amountWords(used, unit)} used, {amountWords(Math.max(0, amount - used), unit)} left · anew on <Until at={resetsAt} />{isNearlySpent && <strong className="text-danger"> · {used >= amount ? 'spent' : 'nearly spent'}</strong>}</p>
      <meter className="mt-1 w-full" min={0} max={amount} high={amount * NEARLY} value={Math.min(used, amount)} aria-label={`${label}, used`} />
    </>
  )
}
