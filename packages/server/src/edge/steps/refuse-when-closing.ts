import { ProblemError } from '../../kernel/problem.ts'
import type { Visit } from '../visit.ts'

/** What still comes over an open connection while the server stops is told so, and the connection ends with it. */
export const refuseWhenClosing = (state: { readonly isClosing: boolean }) => (visit: Visit): void => {
  if (!state.isClosing) return
  visit.headers['Connection'] = 'close'
  throw new ProblemError('shutting-down', { detail: 'Try again in a moment.' })
}
