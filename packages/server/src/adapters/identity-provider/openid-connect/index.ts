import * as client from 'openid-client'
import * as z from 'zod'
import { IdentityProviderFailure, type Assertion, type IdentityProvider, type IdentityProviderConfig, type IdentityProviderDeps, type IdentityProviderDescriptor, type SignInAttempt } from '../../../ports/identity-provider.ts'
import { claimAt, Claims, textAt, textsAt } from '../shared/claims.ts'
import { allowsPlainHttp, answerUrl, authenticationOf, authorizationUrl, CALL_SECONDS, configure, requireSafe } from '../shared/client.ts'
import { toFailure } from '../shared/failures.ts'
import { fetchThrough } from '../shared/fetch.ts'
import { createLogoutCheck } from './logout-token.ts'
import { signatureAlgorithms } from './algorithms.ts'

const Protocol = z.strictObject({ kind: z.literal('oidc'), issuer: z.url({ protocol: /^https?$/ }) })
type Protocol = z.output<typeof Protocol>

/** What discovery found is asked for again after this time: endpoints and algorithms change seldom, and never in silence for long. */
const DISCOVERY_MILLISECONDS = 3_600_000
const RETRY_MILLISECONDS = 5_000
/** Nobody signs in and comes back later than this; the sign-in itself has ended by then. */
const LONGEST_SIGN_IN_SECONDS = 660
const CLOCK_TOLERANCE_MILLISECONDS = 60_000

interface Discovered { readonly configuration: client.Configuration; readonly logout: ReturnType<typeof createLogoutCheck>; readonly origins: readonly string[] }

/** OpenID Connect Core 1.0, by discovery. The ID token's signature, algorithm, issuer, audience, times and nonce are checked (sections 3.1.3.7 and 15.5.2). */
export const openIdConnect: IdentityProviderDescriptor<Protocol> = {
  id: 'oidc',
  title: 'OpenID Connect',
  protocol: Protocol,
  namedOrigins: ({ issuer }) => [new URL(issuer).origin],
  create(protocol, config, deps): IdentityProvider {
    let kept: { readonly found: Promise<Discovered>; readonly until: number } | null = null
    /** One question at a time, for all who wait. One that failed is not asked again at once: anybody may begin a sign-in. */
    const discovered = (): Promise<Discovered> => {
      if (kept !== null && deps.now() < kept.until) return kept.found
      const found = discover(protocol, config, deps)
      kept = { found, until: deps.now() + DISCOVERY_MILLISECONDS }
      found.catch(() => { if (kept?.found === found) kept = { found, until: deps.now() + RETRY_MILLISECONDS } })
      return found
    }
    const guarded = async <Value>(run: (found: Discovered) => Promise<Value>): Promise<Value> => {
      try {
        return await run(await discovered())
      } catch (error) {
        throw toFailure(error)
      }
    }
    return {
      describe: () => guarded(({ origins }) => Promise.resolve({ origins })),
      startUrl: (attempt) => guarded(({ configuration }) => authorizationUrl(configuration, attempt, {
        scope: [...new Set(['openid', ...config.scopes])].join(' '), nonce: attempt.nonce,
        ...(attempt.freshSince !== null && { max_age: '0' }),
      })),
      finish: (answer, attempt) => guarded(async ({ configuration }) => {
        const tokens = await client.authorizationCodeGrant(configuration, answerUrl(answer, attempt), {
          pkceCodeVerifier: attempt.verifier, expectedState: attempt.state, expectedNonce: attempt.nonce, idTokenExpected: true,
          ...(attempt.freshSince !== null && { maxAge: LONGEST_SIGN_IN_SECONDS }),
        })
        const idToken = tokens.claims()
        if (idToken === undefined) throw new IdentityProviderFailure('refused', 'The provider sent no ID token.')
        // Core section 3.1.3.7, step 5; the library asks for it only where there are several audiences.
        if (idToken['azp'] !== undefined && idToken['azp'] !== config.clientId) throw new IdentityProviderFailure('refused', 'The ID token was made for another client.')
        requireFresh(idToken.auth_time, attempt)
        const asked = await userInfo(configuration, { idToken, accessToken: tokens.access_token, groupsClaim: config.groupsClaim })
        return toAssertion(idToken, asked, config.groupsClaim)
      }),
      checkLogout: (token) => guarded(({ logout }) => logout(token)),
    }
  },
}

async function discover({ issuer }: Protocol, config: IdentityProviderConfig, deps: IdentityProviderDeps): Promise<Discovered> {
  requireSafe(issuer, config.unsafelyAllowPlainHttp)
  const asked = await client.discovery(new URL(issuer), config.clientId, {}, authenticationOf(config, undefined), {
    [client.customFetch]: fetchThrough(deps), timeout: CALL_SECONDS, ...(allowsPlainHttp(issuer, config.unsafelyAllowPlainHttp) && { execute: [client.allowInsecureRequests] }),
  })
  const found = asked.serverMetadata()
  // Letter by letter, because the ID token's is compared so too; the library lets a closing slash and a template for tenants pass.
  if (found.issuer !== issuer) throw new IdentityProviderFailure('misconfigured', 'The provider calls itself by another issuer. Copy the issuer from its configuration document, letter by letter.')
  const { authorization_endpoint, token_endpoint, userinfo_endpoint, jwks_uri } = found
  if (authorization_endpoint === undefined || token_endpoint === undefined || jwks_uri === undefined) throw new IdentityProviderFailure('misconfigured', 'The provider\'s configuration document names no endpoints to sign in with.')
  const algorithms = signatureAlgorithms(found.id_token_signing_alg_values_supported)
  if (algorithms.length === 0) throw new IdentityProviderFailure('misconfigured', 'The provider signs with no algorithm that is safe here. Use RS256, PS256, ES256 or Ed25519 there.')
  requireSafe(authorization_endpoint, config.unsafelyAllowPlainHttp)
  const called = [token_endpoint, jwks_uri, ...(userinfo_endpoint === undefined ? [] : [userinfo_endpoint])].map((address) => requireSafe(address, config.unsafelyAllowPlainHttp))
  const { token_endpoint_auth_methods_supported, authorization_response_iss_parameter_supported } = found
  const configuration = configure({
    issuer, authorization_endpoint, token_endpoint, jwks_uri, id_token_signing_alg_values_supported: [...algorithms],
    ...(userinfo_endpoint !== undefined && { userinfo_endpoint }), ...(token_endpoint_auth_methods_supported !== undefined && { token_endpoint_auth_methods_supported }),
    ...(authorization_response_iss_parameter_supported !== undefined && { authorization_response_iss_parameter_supported }),
  }, config, deps)
  // The ID token comes over TLS from the provider itself; its signature is checked all the same.
  client.enableNonRepudiationChecks(configuration)
  return {
    configuration, origins: [...new Set([new URL(issuer), ...called].map(({ origin }) => origin))],
    logout: createLogoutCheck({ issuer, jwksUri: new URL(jwks_uri), clientId: config.clientId, algorithms }, deps),
  }
}

/** Who was asked to prove themselves again has done so since then, by the provider's word. */
function requireFresh(authTime: number | undefined, { freshSince }: SignInAttempt): void {
  if (freshSince === null) return
  if (authTime === undefined || authTime * 1_000 < freshSince - CLOCK_TOLERANCE_MILLISECONDS) throw new IdentityProviderFailure('refused', 'The provider did not ask the person again.')
}

interface UserInfoNeed { readonly idToken: Claims & { readonly sub: string }; readonly accessToken: string; readonly groupsClaim: string | null }

/** The user-info endpoint's word (bound to the ID token's subject), where the ID token does not say all; many providers put claims there alone. */
async function userInfo(configuration: client.Configuration, { idToken, accessToken, groupsClaim }: UserInfoNeed): Promise<Claims> {
  const isComplete = idToken['email'] !== undefined && idToken['name'] !== undefined && (groupsClaim === null || claimAt(idToken, groupsClaim) !== undefined)
  if (isComplete || configuration.serverMetadata().userinfo_endpoint === undefined) return {}
  return Claims.parse(await client.fetchUserInfo(configuration, accessToken, idToken.sub))
}

function toAssertion(idToken: Claims & { readonly iss: string; readonly sub: string; readonly auth_time?: number }, asked: Claims, groupsClaim: string | null): Assertion {
  // An address and whether it is verified come from one source: half of each would be nobody's word.
  const source = idToken['email'] !== undefined ? idToken : asked
  const groupSource = groupsClaim !== null && claimAt(idToken, groupsClaim) !== undefined ? idToken : asked
  return {
    issuer: idToken.iss, subject: idToken.sub,
    email: textAt(source, 'email'), emailVerified: source['email_verified'] === true,
    name: textAt(idToken, 'name') ?? textAt(asked, 'name'), groups: textsAt(groupSource, groupsClaim), sessionId: textAt(idToken, 'sid'),
    authenticatedAt: idToken.auth_time === undefined ? null : idToken.auth_time * 1_000,
  }
}
