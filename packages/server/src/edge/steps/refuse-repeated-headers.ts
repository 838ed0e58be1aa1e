import { ProblemError } from '../../kernel/problem.ts'
import type { Visit } from '../visit.ts'

const SINGLE = new Set(['host', 'authorization', 'content-type'])

/**
 * What says where to, who and what kind may be said once. Of several, Node takes the first and a proxy before us perhaps the last
 * (RFC 9112, section 3.2: more than one Host is a bad request).
 */
export function refuseRepeatedHeaders({ request }: Visit): void {
  const { rawHeaders } = request.raw
  let seen = ''
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index]?.toLowerCase() ?? ''
    if (!SINGLE.has(name)) continue
    if (seen.includes(name)) throw new ProblemError('invalid-request', { detail: `Send the header ${name} once.` })
    seen += `${name} `
  }
}
