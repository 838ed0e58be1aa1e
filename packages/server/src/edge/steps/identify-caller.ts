import type { Role } from '@sallyport/contract'
import type { Clock } from '../../kernel/clock.ts'
import type { Caller } from '../../kernel/handler.ts'
import { ProblemError } from '../../kernel/problem.ts'
import { createRateWindow } from '../../kernel/rate-window.ts'
import { openScope } from '../../kernel/scope.ts'
import { refusalRate } from '../../policy/limits.ts'
import { rolePermissions } from '../../policy/roles.ts'
import type { LiveKey } from '../../domains/keys/index.ts'
import type { LiveSession } from '../../domains/sessions/index.ts'
import type { Visit } from '../visit.ts'
import { addressKey, tooMany } from './limit-address.ts'

export interface IdentifyDeps {
  readonly clock: Clock
  readonly findSession: (token: string) => Promise<LiveSession | null>
  readonly findKey: (value: string) => Promise<LiveKey | null>
  /** Who acts over the administration socket; null until there is an owner. */
  readonly findLocal: () => Promise<{ readonly accountId: string; readonly role: Role } | null>
  readonly cookieName: () => string
}

/** What never expires ends with the last year that RFC 3339 can write. */
const END_OF_TIME = Date.UTC(9999, 11, 31)

const BEARER = /^Bearer ([\x21-\x7e]{1,4096})$/i

/**
 * The only reader of credentials, for every entrance. A request names one: a key in `Authorization: Bearer` or in `X-API-Key`
 * (both only if they are the same), else the session cookie. A key that is wrong is refused also where a cookie would have done.
 */
export function identifyCaller({ clock, findSession, findKey, findLocal, cookieName }: IdentifyDeps) {
  const refusals = createRateWindow(clock, { count: refusalRate.count.default, windowSeconds: refusalRate.windowSeconds })
  const refuse = (visit: Visit): never => {
    const answer = refusals.take(addressKey(visit.address))
    if (!answer.allowed) throw tooMany(answer.retryAfterSeconds)
    throw new ProblemError('not-signed-in', { detail: 'The API key is not valid. Check it, or make a new one.' })
  }
  return async (visit: Visit): Promise<void> => {
    if (visit.isLocal) {
      const owner = await findLocal()
      if (owner !== null) visit.caller = toCaller(visit, { ...owner, kind: 'local', id: 'socket', expiresAt: END_OF_TIME })
      return
    }
    const value = keyIn(visit)
    if (value !== null) {
      const key = await findKey(value)
      if (key === null) return refuse(visit)
      visit.caller = toCaller(visit, { ...key, kind: 'api-key', expiresAt: key.expiresAt ?? END_OF_TIME })
      return
    }
    const token = cookieIn(visit.request.headers.cookie, cookieName())
    const session = token === null ? null : await findSession(token)
    if (session !== null) visit.caller = toCaller(visit, { ...session, kind: 'session' })
  }
}

function keyIn({ request }: Visit): string | null {
  const { authorization } = request.headers
  const header = request.headers['x-api-key']
  const bearer = authorization === undefined ? null : BEARER.exec(authorization)?.[1] ?? ''
  const named = header === undefined ? null : String(header)
  if (bearer !== null && named !== null && bearer !== named) {
    throw new ProblemError('not-signed-in', { detail: 'Authorization and X-API-Key carry different keys. Send one of them.' })
  }
  return bearer ?? named
}

/** The value of one cookie; null when it is absent or sent twice. */
function cookieIn(header: string | undefined, name: string): string | null {
  if (header === undefined) return null
  const values = header.split(';').map((pair) => pair.trim()).filter((pair) => pair.startsWith(`${name}=`))
  return values.length === 1 ? values[0]?.slice(name.length + 1) ?? null : null
}

interface Proven { readonly accountId: string; readonly role: Role; readonly kind: Caller['credential']['kind']; readonly id: string; readonly expiresAt: number }
const toCaller = (visit: Visit, { accountId, role, kind, id, expiresAt }: Proven): Caller =>
  ({ scope: openScope(accountId), role, permissions: rolePermissions[role], credential: { kind, id }, expiresAt, address: visit.address })
