import * as z from 'zod'

const grantTypes = ['password', 'refresh_token', 'client_credentials', 'urn:sallyport:grant-type:second-factor'] as const
const short = z.string().max(2_000)

/**
 * The token endpoint's request (RFC 6749, sections 4.3.2, 4.4.2 and 6). What the grant does not know is dropped, as section 3.2 asks; what
 * it needs is checked by the grant, so that the answer has the standard's own words.
 */
export const TokenRequest = z.object({
  grant_type: z.string('Give a grant_type.').max(200).describe(`One of ${grantTypes.join(', ')}`),
  username: z.string().max(254).optional().describe('password: the e-mail address'),
  password: z.string().max(256).optional(),
  refresh_token: short.optional(),
  client_id: short.optional().describe('client_credentials: the id of an API key, where client_secret is its value'),
  client_secret: short.optional().describe('client_credentials: the value of an API key, unless it came as Bearer, X-API-Key or Basic'),
  challenge: short.optional().describe('second-factor: from the refusal of the password grant'),
  code: z.string().max(32).optional().describe('password, second-factor: of an authenticator app'),
  recovery_code: z.string().max(64).optional(),
})
export type TokenRequest = z.output<typeof TokenRequest>
/** RFC 6749, section 5.1. */
export const TokenReply = z.strictObject({
  access_token: z.string(), token_type: z.literal('Bearer'), expires_in: z.int(),
  refresh_token: z.string().optional().describe('Works once: each use gives the next. Not given for API keys'),
  scope: z.string().describe('The permissions that it carries'),
})
export type TokenReply = z.output<typeof TokenReply>
/** RFC 7009, section 2.1. */
export const TokenRevocation = z.object({ token: short.min(1), token_type_hint: short.optional() })

/** RFC 8037, section 2. */
export const PublishedKey = z.strictObject({ kty: z.string(), crv: z.string(), x: z.string(), kid: z.string(), use: z.string(), alg: z.string() })
export type PublishedKey = z.output<typeof PublishedKey>
/** RFC 7517, section 5. */
export const KeySet = z.strictObject({ keys: z.array(PublishedKey) })
export const SigningKeyRotation = z.strictObject({ endOld: z.boolean().default(false).describe('End earlier keys at once, and every access token with them: for a key that was stolen') })
export const EverythingRevocation = z.strictObject({ keys: z.boolean().default(true).describe('API keys too') })
/** The error of RFC 6749, section 5.2, with ours beside it. */
export const TokenError = z.looseObject({ error: z.string(), error_description: z.string(), code: z.string(), request_id: z.string() })
