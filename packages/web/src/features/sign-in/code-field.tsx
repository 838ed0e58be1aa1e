import { TextField } from '../../ui/field.tsx'
import { fieldProblem, type PageProblem } from '../../wire/problem.ts'

interface CodeFieldProps {
  readonly way: 'totp' | 'recovery-code'
  readonly value: string
  readonly onValue: (value: string) => void
  readonly problem: PageProblem | null
}

/** A field for a code of the authenticator app, or for a recovery code. */
export function CodeField({ way, value, onValue, problem }: CodeFieldProps) {
  return way === 'totp'
    ? <TextField label="Code from the authenticator app" inputMode="numeric" autoComplete="one-time-code" required autoFocus minLength={6} maxLength={7} placeholder="123 456" value={value} onChange={({ target }) => onValue(target.value)} refusal={fieldProblem(problem, 'code')} />
    : <TextField label="Recovery code" autoComplete="off" autoCapitalize="characters" spellCheck={false} required autoFocus maxLength={24} hint="Each code works once." value={value} onChange={({ target }) => onValue(target.value)} refusal={fieldProblem(problem, 'recoveryCode')} />
}
