import type { Role } from '@sallyport/contract'
import type { Caller } from '../../kernel/handler.ts'
import { ProblemError } from '../../kernel/problem.ts'
import type { Restriction } from '../../kernel/restriction.ts'
import { openScope } from '../../kernel/scope.ts'
import type { Standing } from '../../kernel/standing.ts'
import { pendingOf } from '../../policy/obligations.ts'
import { ofAddress } from '../../policy/penalties.ts'
import { tooMany } from '../../policy/rate-rules.ts'
import { permissionsUnder } from '../../policy/restrictions.ts'
import type { LiveKey } from '../../domains/keys/index.ts'
import type { LiveSession } from '../../domains/sessions/index.ts'
import type { LiveToken } from '../../domains/tokens/index.ts'
import { cookieIn } from '../cookies.ts'
import type { KnownCredentials } from '../known-credentials.ts'
import type { Visit } from '../visit.ts'
import type { RateDeps } from './limit-address.ts'
import type { PenaltyDeps } from './refuse-banned.ts'

export interface IdentifyDeps {
  readonly rates: RateDeps
  readonly penalties: PenaltyDeps['penalties']
  readonly findSession: (token: string) => Promise<LiveSession | null>
  readonly findKey: (value: string, address: string) => Promise<LiveKey | null>
  readonly findAccessToken: (token: string) => Promise<LiveToken | null>
  /** Who acts over the administration socket; null until there is an owner. */
  readonly findLocal: () => Promise<Standing | null>
  readonly cookieName: () => string
  /** Roles that may do nothing before they have a second factor. */
  readonly secondFactorRequiredFor: readonly Role[]
}

/** What never expires ends with the last year that RFC 3339 can write. */
const END_OF_TIME = Date.UTC(9999, 11, 31)

const BEARER = /^Bearer ([\x21-\x7e]{1,4096})$/i
const BASIC = /^Basic ([A-Za-z0-9+/]{1,4096}={0,2})$/i
/** A JWS in its compact form whose header is a JSON object (RFC 7515, section 7.1). No key of ours has it. */
const ACCESS_TOKEN = /^eyJ[\w-]+\.[\w-]+\.[\w-]+$/

/**
 * The only reader of credentials, for every entrance. A request names one: an API key or an access token in `Authorization: Bearer`, an
 * API key in `X-API-Key` (both headers only with the same key), or the session cookie. Two different ones are refused and not weighed
 * against each other (RFC 6750, section 2); what does not hold is refused also where nobody in particular would have been let in.
 */
export function identifyCaller(deps: IdentifyDeps & { readonly credentials: Pick<KnownCredentials, 'learn'> }) {
  const { rates, penalties, credentials, findSession, findKey, findAccessToken, findLocal, cookieName, secondFactorRequiredFor } = deps
  const refuse = async (visit: Visit, detail: string): Promise<never> => {
    credentials.learn(visit)
    const subject = ofAddress(visit.address)
    penalties.require([subject])
    penalties.note(subject, 'wrong-credential')
    const { refused } = await rates.limiter.take([rates.rules.ofAddress('refusal', visit.address)])
    if (refused !== null) throw tooMany(refused)
    throw new ProblemError('not-signed-in', { detail })
  }
  const toCaller = (visit: Visit, { standing, credential, keyId, restriction, sessionId, authenticatedAt, secondFactorAt, expiresAt }: Proven): Caller => ({
    ...visit.caller, sessionId, authenticatedAt, secondFactorAt, expiresAt, scope: openScope(standing.accountId), role: standing.role, permissions: permissionsUnder(standing.role, restriction), credential, keyId, restriction,
    hasSecondFactor: standing.hasSecondFactor, pending: pendingOf(standing, secondFactorRequiredFor),
  })
  const byAccessToken = async (visit: Visit, value: string): Promise<Caller> => {
    const token = await findAccessToken(value)
    if (token === null) return refuse(visit, 'The access token is not valid, or has ended. Get a new one.')
    requireAllowedFrom(token, visit.address)
    return toCaller(visit, { ...token, credential: { kind: 'access-token', id: token.subjectId } })
  }
  const byKey = async (visit: Visit, { value, clientId }: Named): Promise<Caller> => {
    const key = await findKey(value, visit.address)
    if (key === null || (clientId !== null && clientId !== key.id)) return refuse(visit, 'The API key is not valid. Check it, or make a new one.')
    requireAllowedFrom(key, visit.address)
    return toCaller(visit, { ...key, ...noPerson, keyId: key.id, credential: { kind: 'api-key', id: key.id, valueId: key.valueId }, expiresAt: key.expiresAt ?? END_OF_TIME })
  }
  return async (visit: Visit): Promise<void> => {
    if (visit.isLocal) {
      const standing = await findLocal()
      const proof = { sessionId: null, authenticatedAt: Infinity, secondFactorAt: Infinity, expiresAt: END_OF_TIME, keyId: null, restriction: null }
      // Whoever can open the data directory owes nothing to a server that could be changed from there.
      if (standing !== null) visit.caller = { ...toCaller(visit, { ...proof, standing, credential: { kind: 'local', id: 'socket' } }), pending: null }
      return
    }
    const named = namedIn(visit)
    const cookie = cookieIn(visit.request.headers.cookie, cookieName())
    if (named !== null) {
      if (cookie !== null) return refuse(visit, 'The request carries a session and another credential. Send one of them.')
      visit.caller = named.isBearer && ACCESS_TOKEN.test(named.value) ? await byAccessToken(visit, named.value) : await byKey(visit, named)
      return
    }
    const session = cookie === null ? null : await findSession(cookie)
    if (session !== null) visit.caller = toCaller(visit, { ...session, sessionId: session.id, credential: { kind: 'session', id: session.id }, keyId: null, restriction: null })
  }
}

/** Programs by key prove nothing about a person. */
const noPerson = { sessionId: null, authenticatedAt: 0, secondFactorAt: null } as const

/** A key that is limited to addresses opens nothing from elsewhere, nor does a token that was got with it. Its bearer has it already, so saying why tells a thief nothing. */
function requireAllowedFrom({ isAllowedFrom }: Pick<LiveKey, 'isAllowedFrom'>, address: string): void {
  if (!isAllowedFrom(address)) throw new ProblemError('address-not-allowed', { detail: 'This API key may not be used from this address. Call from an allowed one, or change its addresses.' })
}

/** A credential as a header names it. `clientId` goes with a client's password, and must be the key's own id. */
interface Named { readonly value: string; readonly isBearer: boolean; readonly clientId: string | null }

function namedIn({ request, dialect }: Visit): Named | null {
  const { authorization } = request.headers
  // Where OAuth's own clients come, a key may also be the password of a client (RFC 6749, section 2.3.1); nowhere else.
  const client = dialect === 'oauth' && authorization !== undefined && request.headers['x-api-key'] === undefined ? clientIn(authorization) : null
  if (client !== null) return client
  const header = request.headers['x-api-key']
  const bearer = authorization === undefined ? null : BEARER.exec(authorization)?.[1] ?? ''
  const named = header === undefined ? null : String(header)
  if (bearer !== null && named !== null && bearer !== named) {
    throw new ProblemError('not-signed-in', { detail: 'Authorization and X-API-Key carry different keys. Send one of them.' })
  }
  if (named !== null) return { value: named, isBearer: false, clientId: null }
  return bearer === null ? null : { value: bearer, isBearer: true, clientId: null }
}

function clientIn(authorization: string): Named | null {
  const encoded = BASIC.exec(authorization)?.[1]
  if (encoded === undefined) return null
  const [id = '', ...secret] = Buffer.from(encoded, 'base64').toString('utf8').split(':')
  const unescape = (text: string) => new URLSearchParams(`text=${text.replaceAll(/[&;]/g, encodeURIComponent)}`).get('text') ?? ''
  return { value: unescape(secret.join(':')), isBearer: false, clientId: unescape(id) }
}

interface Proven extends Pick<Caller, 'credential' | 'keyId' | 'sessionId' | 'authenticatedAt' | 'secondFactorAt' | 'expiresAt'> { readonly standing: Standing; readonly restriction: Restriction | null }
