import type { Caller } from './handler.ts'
import { ProblemError } from './problem.ts'
import type { Scope } from './scope.ts'

/** The scope of a caller whom the policy let in as an account. Throws `not-signed-in` for nobody. */
export function requireScope(caller: Caller): Scope {
  if (caller.scope === null) throw new ProblemError('not-signed-in', { detail: 'Sign in, or send an API key.' })
  return caller.scope
}
