import { randomUUID } from 'node:crypto'
import { SignJWT, errors, jwtVerify } from 'jose'
import * as z from 'zod'
import type { Clock } from '../../kernel/clock.ts'
import { tokenDigest } from '../../kernel/digest.ts'
import { Recent } from '../../kernel/recent.ts'
import type { SharedRevocations } from '../revocations/index.ts'
import type { SigningKeys } from './signing-keys.ts'

/** The one algorithm, for making and for checking (RFC 8725, section 3.1). */
const ALGORITHM = 'EdDSA'
/** RFC 9068, section 2.1: no other kind of token is taken for an access token. */
const TYPE = 'at+jwt'
const KEPT = 10_000
const ACCOUNT_OR_KEY = /^(?:tok|key)_[0-9a-f]{32}$/

const VALUE_ID = /^[\w-]{11}$/

/** Exactly these: a header that names a key, or where to fetch one, is not looked into (RFC 8725, section 3.10). */
const Header = z.strictObject({ alg: z.literal(ALGORITHM), typ: z.literal(TYPE), kid: z.string() })
const Claims = z.strictObject({
  iss: z.string(), aud: z.string(), sub: z.string().regex(/^acc_[0-9a-f]{32}$/), sid: z.string().regex(ACCOUNT_OR_KEY), client_id: z.string(),
  value_id: z.string().regex(VALUE_ID).optional(), jti: z.string(), iat: z.int(), nbf: z.int(), exp: z.int(),
})
export type AccessClaims = z.output<typeof Claims>

export interface AccessTokenDeps {
  readonly clock: Clock
  readonly signingKeys: SigningKeys
  readonly revocations: Pick<SharedRevocations, 'subscribe'>
  /** Who issues, and for whom: other servers have other names, so a token of theirs is none of ours. */
  readonly issuer: string
  readonly audience: string
  readonly lifeSeconds: number
}

/** Makes and checks access tokens: JSON Web Tokens after RFC 9068, signed with Ed25519. What they stand for is looked up at each use. */
export function createAccessTokens({ clock, signingKeys, revocations, issuer, audience, lifeSeconds }: AccessTokenDeps) {
  /** By the digest of the whole token: one that only begins like another is another. */
  const verified = new Recent<AccessClaims>(KEPT)
  revocations.subscribe((revoked) => { if (revoked.kind === 'signing-key' || revoked.kind === 'everything') verified.forget(() => true) })

  const verify = async (token: string): Promise<AccessClaims | null> => {
    try {
      const { payload } = await jwtVerify(token, async (header) => {
        const key = await signingKeys.publicKey(Header.parse(header).kid)
        if (key === null) throw new errors.JWKSNoMatchingKey()
        return key
      }, { algorithms: [ALGORITHM], typ: TYPE, issuer, audience, currentDate: new Date(clock.now()), clockTolerance: 0 })
      const claims = Claims.parse(payload)
      // Ours never live longer, nor were they made in the future: a signed one that says so is not ours either.
      return claims.exp - claims.iat <= lifeSeconds && claims.iat <= seconds(clock.now()) ? claims : null
    } catch (error) {
      if (error instanceof errors.JOSEError || error instanceof z.ZodError) return null
      throw error
    }
  }
  return {
    /** A token of an account, named after the family or the API key that it stands for. `valueId` goes with a key: which of its values it was traded for. */
    async make({ accountId, sid, valueId }: { readonly accountId: string; readonly sid: string; readonly valueId?: string | undefined }): Promise<{ readonly token: string; readonly expiresInSeconds: number }> {
      const { id, privateKey } = await signingKeys.signer()
      const now = seconds(clock.now())
      const token = await new SignJWT({ sid, client_id: sid, ...(valueId !== undefined && { value_id: valueId }) })
        .setProtectedHeader({ alg: ALGORITHM, typ: TYPE, kid: id })
        .setIssuer(issuer).setAudience(audience).setSubject(accountId).setJti(randomUUID()).setIssuedAt(now).setNotBefore(now).setExpirationTime(now + lifeSeconds)
        .sign(privateKey)
      return { token, expiresInSeconds: lifeSeconds }
    },
    /** What a token says, when it is ours and holds now. Null for every other text. */
    async check(token: string): Promise<AccessClaims | null> {
      const cacheKey = tokenDigest(token).toString('base64')
      const { generation } = verified
      let claims = verified.get(cacheKey) ?? null
      if (claims === null) {
        claims = await verify(token)
        if (claims !== null) verified.set(cacheKey, claims, generation)
      }
      const now = seconds(clock.now())
      return claims !== null && claims.exp > now && claims.nbf <= now ? claims : null
    },
  }
}
export type AccessTokens = ReturnType<typeof createAccessTokens>

const seconds = (milliseconds: number) => Math.floor(milliseconds / 1_000)
