import { ProblemError } from '../../kernel/problem.ts'
import type { Visit } from '../visit.ts'

const SINGLE = new Set(['host', 'authorization', 'content-type'])

/**
 * Refuses what a proxy before us may read in another way than we do: a request without a version (HTTP/0.9), and a header twice that says
 * where to, who or what kind. Of several, Node takes the first and others the last (RFC 9112, section 3.2).
 */
export function refuseAmbiguous({ request }: Visit): void {
  const { rawHeaders, httpVersionMajor } = request.raw
  if (httpVersionMajor === 0) throw new ProblemError('invalid-request', { detail: 'Speak HTTP/1.1.' })
  let seen = ''
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index]?.toLowerCase() ?? ''
    if (!SINGLE.has(name)) continue
    if (seen.includes(name)) throw new ProblemError('invalid-request', { detail: `Send the header ${name} once.` })
    seen += `${name} `
  }
}
