import type { SecondFactorProof, TokenReply, TokenRequest } from '@sallyport/contract'
import { SecondFactorProof as Proof } from '@sallyport/contract'
import type { WriteStep } from '../../database/database.ts'
import type { Clock } from '../../kernel/clock.ts'
import type { Caller } from '../../kernel/handler.ts'
import { ProblemError } from '../../kernel/problem.ts'
import type { Restriction } from '../../kernel/restriction.ts'
import type { Standing } from '../../kernel/standing.ts'
import { permissionsUnder } from '../../policy/restrictions.ts'
import type { LiveKey } from '../keys/index.ts'
import type { Proven } from '../sessions/index.ts'
import type { AccessTokens } from './access-tokens.ts'
import type { BegunFamily, Families } from './families.ts'

/** Who holds an access token that holds now. */
export interface LiveToken extends Proven {
  /** The family, or the API key that was traded for it. */
  readonly subjectId: string
  /** The API key that was traded for it; null where it came of a sign-in. */
  readonly keyId: string | null
  /** The family; null where it stands for a key. */
  readonly sessionId: string | null
  readonly standing: Standing
  readonly restriction: Restriction | null
  readonly expiresAt: number
  readonly isAllowedFrom: (address: string) => boolean
}

/** What proves a person at the token endpoint; each throws where it does not hold. */
export interface TokenProvers {
  readonly password: (caller: Caller, given: { readonly email: string; readonly password: string }) => Promise<{ readonly id: string }>
  /** Throws `second-factor-needed`, with a challenge, where the account has one. */
  readonly demandSecondFactor: (accountId: string) => Promise<void>
  /** A factor beside the password, in one request. */
  readonly secondFactor: (caller: Caller, attempt: { readonly accountId: string; readonly proof: SecondFactorProof; readonly host: string }) => Promise<{ readonly secondFactorAt: number }>
  /** What `demandSecondFactor` asked for. */
  readonly completeSecondFactor: (caller: Caller, attempt: { readonly challenge: string; readonly proof: SecondFactorProof; readonly host: string }) => Promise<{ readonly accountId: string; readonly secondFactorAt: number }>
}

export interface TokenDeps {
  readonly clock: Clock
  readonly accessTokens: AccessTokens
  readonly families: Families
  readonly findKey: (value: string, address: string) => Promise<LiveKey | null>
  /** By the id, and by which of its values. */
  readonly findKeyById: (id: string, valueId: string) => Promise<LiveKey | null>
  /** Throws `banned` where a key, or its account, is kept out. */
  readonly requireUnbanned: (key: LiveKey) => void
  readonly provers: TokenProvers
  readonly hasSecondFactor: (accountId: string) => Promise<boolean>
  /** What is written down when somebody is in, all factors proved. */
  readonly entering: (caller: Caller, accountId: string) => Promise<readonly WriteStep[]>
}

const SECOND_FACTOR_GRANT = 'urn:sallyport:grant-type:second-factor'
type Grant = (caller: Caller, request: TokenRequest, host: string) => Promise<TokenReply>

/** The grants of the token endpoint (RFC 6749), and the reader of what it gives. */
export function createTokens({ clock, accessTokens, families, findKey, findKeyById, requireUnbanned, provers, hasSecondFactor, entering }: TokenDeps) {
  const reply = async (sid: string, standing: Standing, { restriction, refreshToken, valueId }: { readonly restriction: Restriction | null; readonly refreshToken: string | null; readonly valueId?: string }): Promise<TokenReply> => {
    const { token, expiresInSeconds } = await accessTokens.make({ accountId: standing.accountId, sid, valueId })
    return {
      access_token: token, token_type: 'Bearer', expires_in: expiresInSeconds, scope: [...permissionsUnder(standing.role, restriction)].join(' '),
      ...(refreshToken !== null && { refresh_token: refreshToken }),
    }
  }
  const replyWith = (family: BegunFamily | null): Promise<TokenReply> => {
    if (family === null) throw invalidGrant('The refresh token does not hold: it was used, it has ended, or it was never given. Sign in again.')
    return reply(family.id, family.standing, { restriction: null, refreshToken: family.refreshToken })
  }
  const begin = async (caller: Caller, accountId: string, secondFactorAt: number | null): Promise<TokenReply> => {
    const also = await entering(caller, accountId)
    return replyWith(await families.begin(caller, accountId, { authenticatedAt: clock.now(), secondFactorAt, also }))
  }
  /** The key that the caller sent in a header, by the value that was sent. */
  const findKeyOf = ({ credential: { kind, id, valueId } }: Caller) => (kind === 'api-key' && valueId !== undefined ? findKeyById(id, valueId) : null)
  const grants: Readonly<Record<string, Grant>> = {
    password: async (caller, request, host) => {
      const { id } = await provers.password(caller, { email: required(request, 'username'), password: required(request, 'password') }).catch((error: unknown) => { throw asGrant(error) })
      const proof = proofIn(request)
      // Sent in one request by a program that knows. Where there is no factor, none is asked, and none that was sent means anything.
      const isProved = proof !== null && await hasSecondFactor(id)
      if (!isProved) await provers.demandSecondFactor(id)
      const secondFactorAt = isProved ? (await provers.secondFactor(caller, { accountId: id, proof, host })).secondFactorAt : null
      return begin(caller, id, secondFactorAt)
    },
    [SECOND_FACTOR_GRANT]: async (caller, request, host) => {
      const proof = proofIn(request)
      if (proof === null) throw new ProblemError('invalid-request', { detail: 'Send a code or a recovery_code.' })
      const { accountId, secondFactorAt } = await provers.completeSecondFactor(caller, { challenge: required(request, 'challenge'), proof, host })
      return begin(caller, accountId, secondFactorAt)
    },
    refresh_token: async (caller, request) => replyWith(await families.rotate(caller, required(request, 'refresh_token'))),
    client_credentials: async (caller, request) => {
      const key = request.client_secret === undefined ? await findKeyOf(caller) : await findKey(request.client_secret, caller.address)
      const isMeant = key !== null && (request.client_id === undefined || request.client_id === key.id) && (caller.credential.kind === 'none' || caller.credential.id === key.id)
      if (!isMeant || !key.isAllowedFrom(caller.address)) throw new ProblemError('invalid-client', { detail: 'Send an API key as client_secret with its id as client_id, or as Bearer, X-API-Key or Basic.' })
      // It may have come in the body, where the edge does not look.
      requireUnbanned(key)
      return reply(key.id, key.standing, { restriction: key.restriction, refreshToken: null, valueId: key.valueId })
    },
  }
  return {
    /** Throws `unsupported-grant`, `invalid-grant`, `invalid-client`, `second-factor-needed`, `banned` and `too-many-requests`. */
    issue(caller: Caller, request: TokenRequest, host: string): Promise<TokenReply> {
      const grant = Object.hasOwn(grants, request.grant_type) ? grants[request.grant_type] : undefined
      if (grant === undefined) throw new ProblemError('unsupported-grant', { detail: `Use one of ${Object.keys(grants).join(', ')}.` })
      return grant(caller, request, host)
    },
    /** Null for what is no access token of ours, has ended, or stands for what has ended. */
    async find(token: string): Promise<LiveToken | null> {
      const claims = await accessTokens.check(token)
      if (claims === null) return null
      const { sid, sub, exp, value_id: valueId } = claims
      if (sid.startsWith('key_')) {
        // One that names no value would outlive the one that it was traded for.
        const key = valueId === undefined ? null : await findKeyById(sid, valueId)
        if (key === null || key.standing.accountId !== sub) return null
        return { ...key, subjectId: sid, keyId: key.id, sessionId: null, authenticatedAt: 0, secondFactorAt: null, expiresAt: Math.min(exp * 1_000, key.expiresAt ?? Infinity) }
      }
      const family = await families.find(sid)
      if (family === null || family.standing.accountId !== sub) return null
      return { ...family, subjectId: sid, keyId: null, sessionId: sid, restriction: null, isAllowedFrom: anywhere, expiresAt: Math.min(exp * 1_000, family.expiresAt) }
    },
    /** Ends what a token stands for. A text that is no token of ours is none any more, which is what was asked (RFC 7009, section 2.2). Throws `unsupported-token`. */
    async revoke(caller: Caller, token: string): Promise<void> {
      const family = await families.ofRefreshToken(token)
      if (family !== null) { await families.end(caller, family); return }
      const claims = await accessTokens.check(token)
      if (claims === null) return
      if (claims.sid.startsWith('key_')) throw new ProblemError('unsupported-token', { detail: 'This token stands for an API key. Revoke the key.' })
      await families.end(caller, { id: claims.sid, accountId: claims.sub })
    },
    prove: families.prove,
  }
}
export type Tokens = ReturnType<typeof createTokens>

const anywhere = () => true
const invalidGrant = (detail: string) => new ProblemError('invalid-grant', { detail })
/** What is wrong with a password, in the words of this endpoint. */
const asGrant = (error: unknown) => (error instanceof ProblemError && error.code === 'wrong-credentials' ? new ProblemError('invalid-grant', { detail: 'Check the e-mail address and the password.' }) : error)

function required(request: TokenRequest, name: 'username' | 'password' | 'refresh_token' | 'challenge'): string {
  const value = request[name]
  if (value === undefined || value === '') throw new ProblemError('invalid-request', { detail: `Send ${name} for this grant_type.`, members: { errors: [{ pointer: `/${name}`, detail: 'It is missing.' }] } })
  return value
}

function proofIn({ code, recovery_code }: TokenRequest): SecondFactorProof | null {
  if (code === undefined && recovery_code === undefined) return null
  const parsed = Proof.safeParse(code === undefined ? { recoveryCode: recovery_code } : { code })
  if (!parsed.success) throw new ProblemError('invalid-request', { detail: 'Give the six digits of the authenticator app as code, or a whole recovery_code.' })
  return parsed.data
}
