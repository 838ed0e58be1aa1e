import { ProblemError } from '../../kernel/problem.ts'
import type { FastifyRequest, Visit } from '../visit.ts'

/** The host that a request is for, in lower case. A whole URL in the request line takes the place of the header (RFC 9112, section 3.2.2). */
export const hostOf = ({ url, headers }: FastifyRequest): string | undefined => (url.startsWith('/') ? headers.host : URL.parse(url)?.host)?.toLowerCase()

/** Answers only under names that are its own, so that a foreign name pointed at this address reaches nothing (DNS rebinding). */
export const checkHost = (isKnown: (host: string) => boolean) => (visit: Visit): void => {
  if (visit.isLocal) return
  const host = hostOf(visit.request)
  if (host === undefined) throw new ProblemError('invalid-request', { detail: 'Send a Host header with the address that you call.' })
  if (!isKnown(host)) {
    throw new ProblemError('wrong-host', { detail: 'Open the address that the server printed at start, or add this name to http.hosts.' })
  }
}
