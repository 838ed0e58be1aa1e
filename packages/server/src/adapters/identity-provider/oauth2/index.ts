import * as client from 'openid-client'
import * as z from 'zod'
import { IdentityProviderFailure, type Assertion, type IdentityProvider, type IdentityProviderConfig, type IdentityProviderDescriptor } from '../../../ports/identity-provider.ts'
import { claimAt, Claims, textAt, textsAt } from '../shared/claims.ts'
import { answerUrl, authorizationUrl, CALL_SECONDS, configure, requireSafe } from '../shared/client.ts'
import { toFailure } from '../shared/failures.ts'
import { fetchThrough } from '../shared/fetch.ts'

const Address = z.url({ protocol: /^https?$/ })
const Protocol = z.strictObject({
  kind: z.literal('oauth2'),
  authorizationEndpoint: Address, tokenEndpoint: Address, userInfoEndpoint: Address, emailsEndpoint: Address.optional(),
  claims: z.strictObject({ subject: z.string(), email: z.string().optional(), emailVerified: z.string().optional(), name: z.string().optional() }),
})
type Protocol = z.output<typeof Protocol>
const Emails = z.array(z.object({ email: z.string(), primary: z.boolean().optional(), verified: z.unknown() })).max(1_000)

const calledBy = ({ tokenEndpoint, userInfoEndpoint, emailsEndpoint }: Protocol) => [tokenEndpoint, userInfoEndpoint, ...(emailsEndpoint === undefined ? [] : [emailsEndpoint])]

/**
 * OAuth 2.0 (RFC 6749) with PKCE, for providers that are no OpenID providers: who signed in is what the user-info endpoint says, asked by
 * this server itself with the token that it was given. Answers of different providers are told apart by their redirect address (RFC 9700, section 4.4.2.2).
 */
export const oauth2: IdentityProviderDescriptor<Protocol> = {
  id: 'oauth2',
  title: 'OAuth 2.0',
  protocol: Protocol,
  namedOrigins: (protocol) => [...new Set(calledBy(protocol).map((address) => new URL(address).origin))],
  create(protocol, config, deps): IdentityProvider {
    const configuration = configure({ issuer: new URL(protocol.authorizationEndpoint).origin, authorization_endpoint: protocol.authorizationEndpoint, token_endpoint: protocol.tokenEndpoint }, config, deps)
    const fetchAnswer = fetchThrough(deps)
    const ask = async (address: string, accessToken: string): Promise<unknown> => {
      const response = await fetchAnswer(address, { method: 'GET', redirect: 'manual', body: null, headers: { accept: 'application/json', authorization: `Bearer ${accessToken}` }, signal: AbortSignal.timeout(CALL_SECONDS * 1_000) })
      if (response.status !== 200) throw new IdentityProviderFailure('unavailable', `The provider's user-info endpoint answered ${response.status}.`)
      return response.json()
    }
    return {
      describe: () => new Promise((resolve) => {
        for (const address of [protocol.authorizationEndpoint, ...calledBy(protocol)]) requireSafe(address, config.unsafelyAllowPlainHttp)
        resolve({ origins: oauth2.namedOrigins(protocol) })
      }),
      startUrl: (attempt) => authorizationUrl(configuration, attempt, config.scopes.length === 0 ? {} : { scope: config.scopes.join(' ') }),
      async finish(answer, attempt) {
        try {
          const { access_token } = await client.authorizationCodeGrant(configuration, answerUrl(answer, attempt), { pkceCodeVerifier: attempt.verifier, expectedState: attempt.state })
          const claims = Claims.parse(await ask(protocol.userInfoEndpoint, access_token))
          const listed = protocol.emailsEndpoint === undefined ? null : firstVerified(Emails.parse(await ask(protocol.emailsEndpoint, access_token)))
          return toAssertion(claims, { protocol, config, listed })
        } catch (error) {
          throw toFailure(error)
        }
      },
      checkLogout: null,
    }
  },
}

const firstVerified = (emails: z.output<typeof Emails>) => emails.find(({ primary, verified }) => primary === true && verified === true)?.email ?? null

interface Reading { readonly protocol: Protocol; readonly config: IdentityProviderConfig; readonly listed: string | null }

function toAssertion(claims: Claims, { protocol, config, listed }: Reading): Assertion {
  const { subject: subjectPath, email, emailVerified, name } = protocol.claims
  const value = claimAt(claims, subjectPath)
  const subject = typeof value === 'number' && Number.isSafeInteger(value) ? String(value) : textAt(claims, subjectPath)
  if (subject === null) throw new IdentityProviderFailure('misconfigured', 'The user-info endpoint says nothing where the subject should be. Check the name of that claim.')
  return {
    // Whoever changes where the answer comes from, or what of it is the subject, makes other identities of all of them.
    issuer: JSON.stringify(['oauth2', protocol.tokenEndpoint, protocol.userInfoEndpoint, subjectPath]), subject,
    email: listed ?? textAt(claims, email), emailVerified: listed !== null || (emailVerified !== undefined && claimAt(claims, emailVerified) === true),
    name: textAt(claims, name), groups: textsAt(claims, config.groupsClaim), sessionId: null, authenticatedAt: null,
  }
}
