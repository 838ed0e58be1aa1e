import { useEffect, useState } from 'react'
import { TextField } from '../../ui/field.tsx'
import type { Estimate } from './estimate.ts'

const shortest = 15
const words = ['very weak', 'weak', 'fair', 'good', 'strong'] as const
const colours = ['bg-danger', 'bg-danger', 'bg-brass', 'bg-gate', 'bg-gate'] as const

function useEstimate(password: string, context: readonly string[]): Estimate | null {
  const [found, setFound] = useState<Estimate | null>(null)
  const key = context.join('\n')
  useEffect(() => {
    if (password === '') { setFound(null); return }
    let stale = false
    // The word lists come when somebody begins to type, not with the page.
    const timer = setTimeout(() => {
      void import('./estimate.ts').then(({ estimate }) => { if (!stale) setFound(estimate(password, key.split('\n'))) })
    }, 120)
    return () => { stale = true; clearTimeout(timer) }
  }, [password, key])
  return found
}

function Meter({ estimate }: { readonly estimate: Estimate }) {
  const { score, advice } = estimate
  return (
    <div className="flex flex-col gap-1.5">
      <meter className="sr-only" aria-label="Strength of the password" min={0} max={4} value={score}>{words[score]}</meter>
      <div aria-hidden className="grid grid-cols-4 gap-1">{[1, 2, 3, 4].map((step) => <span key={step} className={`h-1.5 rounded-full ${step <= Math.max(1, score) ? colours[score] : 'bg-sunk'}`} />)}</div>
      <p role="status" className="text-sm text-ink-soft">This password is {words[score]}.{advice === null || score >= 3 ? '' : ` ${advice.replace(/\.?$/, '.')}`}</p>
    </div>
  )
}

interface NewPasswordProps {
  readonly label?: string
  readonly value: string
  readonly onValue: (value: string) => void
  /** Words an attacker would try first: the name, the address. */
  readonly context: readonly string[]
  readonly refusal?: string | undefined
}

/** A field for a new password: how long it must be, and how strong it is while it is typed. The server decides. */
export function NewPasswordField({ label = 'Password', value, onValue, context, refusal }: NewPasswordProps) {
  const estimate = useEstimate(value, context)
  const missing = shortest - value.length
  const hint = missing <= 0 || value === '' ? 'At least 15 characters. Four unrelated words make a good one.' : `${missing} more ${missing === 1 ? 'character' : 'characters'}.`
  return (
    <div className="flex flex-col gap-2">
      <TextField label={label} type="password" autoComplete="new-password" required minLength={shortest} maxLength={256} value={value} onChange={({ target }) => onValue(target.value)} hint={hint} refusal={refusal} />
      {estimate !== null && <Meter estimate={estimate} />}
    </div>
  )
}
