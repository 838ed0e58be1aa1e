import { createRemoteJWKSet, customFetch, errors, jwtVerify, type JWTPayload } from 'jose'
import { IdentityProviderFailure, type IdentityProviderDeps, type LogoutNotice } from '../../../ports/identity-provider.ts'
import { textAt } from '../shared/claims.ts'
import { CALL_SECONDS } from '../shared/client.ts'
import { fetchThrough } from '../shared/fetch.ts'

const EVENT = 'http://schemas.openid.net/event/backchannel-logout'
/** A token that is older tells of long ago; one is kept from being used twice for as long as it would be taken. */
const AGE_SECONDS = 600
const TOLERANCE_SECONDS = 60
const KEYS_MILLISECONDS = 600_000
const COOLDOWN_MILLISECONDS = 30_000
const TYPES: ReadonlySet<string> = new Set(['logout+jwt', 'application/logout+jwt', 'jwt'])

export interface LogoutCheckSettings { readonly issuer: string; readonly jwksUri: URL; readonly clientId: string; readonly algorithms: readonly string[] }

/** Checks logout tokens as OpenID Connect Back-Channel Logout 1.0, section 2.6, says. An ID token is none: it has no event, and may have a nonce. */
export function createLogoutCheck({ issuer, jwksUri, clientId, algorithms }: LogoutCheckSettings, deps: IdentityProviderDeps) {
  const fetchKeys = fetchThrough(deps)
  const keys = createRemoteJWKSet(jwksUri, {
    timeoutDuration: CALL_SECONDS * 1_000, cacheMaxAge: KEYS_MILLISECONDS, cooldownDuration: COOLDOWN_MILLISECONDS,
    [customFetch]: (url, { headers, method, signal }) => fetchKeys(url, { headers: Object.fromEntries(headers.entries()), method, redirect: 'manual', signal, body: undefined }),
  })
  return async (token: string): Promise<LogoutNotice> => {
    try {
      const { payload, protectedHeader } = await jwtVerify(token, keys, {
        algorithms: [...algorithms], issuer, audience: clientId, maxTokenAge: AGE_SECONDS, clockTolerance: TOLERANCE_SECONDS, currentDate: new Date(deps.now()), requiredClaims: ['iat', 'jti', 'events'],
      })
      if (!TYPES.has((protectedHeader.typ ?? 'jwt').toLowerCase())) throw refused('of another type')
      return toNotice(payload, deps.now())
    } catch (error) {
      if (error instanceof errors.JOSEError && !(error instanceof errors.JWKSTimeout)) throw new IdentityProviderFailure('refused', `The logout token is not valid: ${error.code}.`, { cause: error })
      throw error
    }
  }
}

function toNotice(payload: JWTPayload, now: number): LogoutNotice {
  const events = payload['events']
  const event: unknown = typeof events === 'object' && events !== null && Object.hasOwn(events, EVENT) ? (events as Readonly<Record<string, unknown>>)[EVENT] : null
  if (typeof event !== 'object' || event === null || Array.isArray(event)) throw refused('without the event of a sign-out')
  if (payload['nonce'] !== undefined) throw refused('with a nonce, as an ID token has it')
  const [subject, sessionId, tokenId] = [textAt(payload, 'sub'), textAt(payload, 'sid'), textAt(payload, 'jti')]
  if (tokenId === null || (subject === null && sessionId === null)) throw refused('without a subject, a session or an id')
  return { issuer: payload.iss ?? '', subject, sessionId, tokenId, expiresAt: now + (AGE_SECONDS + 2 * TOLERANCE_SECONDS) * 1_000 }
}

const refused = (what: string) => new IdentityProviderFailure('refused', `The logout token is ${what}.`)
