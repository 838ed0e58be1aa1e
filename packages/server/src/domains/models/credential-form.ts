import { ProblemError } from '../../kernel/problem.ts'
import { keyFormRefusal } from '../../policy/key-form.ts'

/** Refuses what cannot be a key. Throws `invalid-request`. */
export function requireKeyForm(credential: string): void {
  const detail = keyFormRefusal(credential)
  if (detail !== null) throw new ProblemError('invalid-request', { detail: `credential: ${detail}`, members: { errors: [{ pointer: '/credential', detail }] } })
}
