import * as client from 'openid-client'
import { IdentityProviderFailure, type IdentityProviderConfig, type IdentityProviderDeps, type SignInAttempt } from '../../../ports/identity-provider.ts'
import { fetchThrough } from './fetch.ts'

/** Each call of a provider, not the whole sign-in. */
export const CALL_SECONDS = 10

/** How this client proves who it is: with its secret in a header where the provider takes that (RFC 6749, section 2.3.1), else in the body; without one by PKCE alone. */
export function authenticationOf({ clientSecret }: IdentityProviderConfig, methods: readonly string[] | undefined): client.ClientAuth {
  if (clientSecret === null) return client.None()
  const takesHeader = methods === undefined || methods.includes('client_secret_basic')
  return takesHeader ? client.ClientSecretBasic(clientSecret.reveal()) : client.ClientSecretPost(clientSecret.reveal())
}

/** A client for endpoints that are known. */
export function configure(server: client.ServerMetadata, config: IdentityProviderConfig, deps: IdentityProviderDeps): client.Configuration {
  const configuration = new client.Configuration(server, config.clientId, {}, authenticationOf(config, server.token_endpoint_auth_methods_supported))
  configuration[client.customFetch] = fetchThrough(deps)
  configuration.timeout = CALL_SECONDS
  // Each address has passed `requireSafe` before.
  if (server.token_endpoint !== undefined && allowsPlainHttp(server.token_endpoint, config.unsafelyAllowPlainHttp)) client.allowInsecureRequests(configuration)
  return configuration
}

/** Where to send the browser: authorization code with PKCE (RFC 7636, S256), bound by state. */
export async function authorizationUrl(configuration: client.Configuration, attempt: SignInAttempt, more: Readonly<Record<string, string>>): Promise<URL> {
  return client.buildAuthorizationUrl(configuration, {
    redirect_uri: attempt.redirectUri, state: attempt.state,
    code_challenge: await client.calculatePKCECodeChallenge(attempt.verifier), code_challenge_method: 'S256',
    // `prompt=login` where the person must prove who they are again; those who ignore it are found out by `auth_time`, where there is one.
    ...(attempt.freshSince !== null && { prompt: 'login' }), ...more,
  })
}

/** The address that the browser came back to, made from what was asked and not from what was sent. */
export function answerUrl(answer: URLSearchParams, { redirectUri }: SignInAttempt): URL {
  const url = new URL(redirectUri)
  url.search = answer.toString()
  return url
}

const LOOPBACK = /^(?:(?:.+\.)?localhost|127(?:\.\d{1,3}){3}|\[::1\])$/

/** Whether plain HTTP may be spoken with this host: on this machine nobody is on the way; elsewhere somebody must have allowed it. */
export const allowsPlainHttp = (address: string, unsafelyAllowPlainHttp: boolean): boolean => {
  const url = URL.parse(address)
  return url?.protocol === 'http:' && (unsafelyAllowPlainHttp || LOOPBACK.test(url.hostname))
}

/** Throws `IdentityProviderFailure` for an address over plain HTTP where that is not allowed, and for one with credentials in it. */
export function requireSafe(address: string, unsafelyAllowPlainHttp: boolean): URL {
  const url = URL.parse(address)
  const isSafe = url !== null && (url.protocol === 'https:' || allowsPlainHttp(address, unsafelyAllowPlainHttp)) && url.username === '' && url.password === ''
  if (!isSafe) throw new IdentityProviderFailure('misconfigured', 'The provider names an address that does not begin with https://.')
  return url
}
