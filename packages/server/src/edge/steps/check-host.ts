import { ProblemError } from '../../kernel/problem.ts'
import type { Visit } from '../visit.ts'

/** Answers only under names that are its own, so that a foreign name pointed at this address reaches nothing (DNS rebinding). */
export const checkHost = (isKnown: (host: string) => boolean) => (visit: Visit): void => {
  if (visit.isLocal) return
  // A whole URL in the request line takes the place of the header (RFC 9112, section 3.2.2).
  const { url } = visit.request
  const host = url.startsWith('/') ? visit.request.headers.host : URL.parse(url)?.host
  if (host === undefined) throw new ProblemError('invalid-request', { detail: 'Send a Host header with the address that you call.' })
  if (!isKnown(host.toLowerCase())) {
    throw new ProblemError('wrong-host', { detail: 'Open the address that the server printed at start, or add this name to http.hosts.' })
  }
}
