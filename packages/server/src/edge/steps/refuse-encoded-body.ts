import { ProblemError } from '../../kernel/problem.ts'
import type { Visit } from '../visit.ts'

/** A body is taken as it is: none that could grow when it is opened. */
export function refuseEncodedBody({ request }: Visit): void {
  const encoding = request.headers['content-encoding']
  if (encoding !== undefined && encoding !== 'identity') throw new ProblemError('unsupported-media-type', { detail: 'Send the body without compression.' })
}
