import { ProblemError } from '../../kernel/problem.ts'
import { operationPolicy, type OperationPolicy } from '../../policy/operations.ts'
import type { Visit } from '../visit.ts'

const SAFE = new Set(['GET', 'HEAD', 'OPTIONS'])

/**
 * CSRF defence (IDN-7): what changes something must come from our own page, when a browser sends it. A browser always says so, with
 * `Sec-Fetch-Site` or `Origin`; a session without either is refused. Keys and tokens travel in a header, which no foreign page can set.
 */
export const refuseCrossSite = (visit: Visit): void => {
  const { request, caller, isLocal } = visit
  const isSafe = SAFE.has(request.method)
  if (isLocal || (isSafe && !refusesOtherSites(visit)) || caller.credential.kind === 'api-key' || caller.credential.kind === 'access-token') return
  const site = request.headers['sec-fetch-site']
  const { origin, host } = request.headers
  const saysForeign = (site !== undefined && site !== 'same-origin' && site !== 'none') || (origin !== undefined && !isOwnOrigin(origin, host))
  const saysNothing = !isSafe && site === undefined && origin === undefined
  if (saysForeign || (saysNothing && caller.credential.kind === 'session')) {
    throw new ProblemError('cross-site', { detail: 'Open Sallyport itself and do it there. Programs use an API key.' })
  }
}

const refusesOtherSites = ({ operationId }: Visit): boolean => {
  const row: OperationPolicy | null = operationId === null ? null : operationPolicy[operationId]
  return row?.fromOtherSites === 'refused'
}

/** The scheme may differ behind a proxy that ends TLS; host and port may not. */
function isOwnOrigin(origin: string, host: string | undefined): boolean {
  return host !== undefined && (origin === `http://${host}` || origin === `https://${host}`)
}
