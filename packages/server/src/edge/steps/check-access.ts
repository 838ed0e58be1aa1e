import { ProblemError } from '../../kernel/problem.ts'
import { operationPolicy } from '../../policy/operations.ts'
import type { Visit } from '../visit.ts'

/** May this caller do this: the policy row decides, and nothing else does. */
export function checkAccess({ operationId, caller }: Visit): void {
  if (operationId === null) return
  const { access, carriers } = operationPolicy[operationId]
  if (access === 'anyone') return
  if (caller.scope === null) throw new ProblemError('not-signed-in', { detail: 'Sign in, or send an API key.' })
  if (carriers === 'person' && caller.credential.kind === 'api-key') {
    throw new ProblemError('not-allowed', { detail: 'An API key cannot do this. Sign in and do it there.' })
  }
  if (access !== 'signed-in' && !caller.permissions.has(access.permission)) {
    throw new ProblemError('not-allowed', { detail: 'Ask an administrator for the right to do this.' })
  }
}
