import type * as z from 'zod'
import type { Secret } from '../kernel/secret.ts'
import type { EgressRequest, EgressResponse } from './egress.ts'

/** One sign-in under way. Its values are random, and known to this server and one browser alone. */
export interface SignInAttempt {
  readonly state: string
  readonly nonce: string
  /** The PKCE verifier (RFC 7636). */
  readonly verifier: string
  /** Where the provider sends the browser back to, without a query. */
  readonly redirectUri: string
  /** Whether the person must prove who they are again, after this moment. */
  readonly freshSince: number | null
}

/** What a provider says of the person who signed in there. */
export interface Assertion {
  /** Within which `subject` is unique. */
  readonly issuer: string
  readonly subject: string
  readonly email: string | null
  /** True only where the provider says so in exactly that word: not `"true"`, not 1, not by silence. */
  readonly emailVerified: boolean
  readonly name: string | null
  readonly groups: readonly string[]
  /** The provider's own session, where it names it. */
  readonly sessionId: string | null
  /** When the person last proved who they are there, in milliseconds; null where the provider does not say. */
  readonly authenticatedAt: number | null
}

/** That somebody signed out at the provider: of one session, or of all where `sessionId` is null. One of the two is given. */
export interface LogoutNotice { readonly issuer: string; readonly subject: string | null; readonly sessionId: string | null; readonly tokenId: string; readonly expiresAt: number }

/** One identity provider, ready to be asked. Each call of it ends after a few seconds, whatever it does. Its methods throw `IdentityProviderFailure` and nothing else. */
export interface IdentityProvider {
  /** Asks it what it is. Gives the origins that the server will call, and that `deps.fetchConfigured` must reach from then on. */
  describe(): Promise<{ readonly origins: readonly string[] }>
  /** Where to send the browser. */
  startUrl(attempt: SignInAttempt): Promise<URL>
  /** Takes up the answer that the browser brought back. Refuses whatever is not the answer to this attempt. */
  finish(answer: URLSearchParams, attempt: SignInAttempt): Promise<Assertion>
  /** Checks a logout token (OpenID Connect Back-Channel Logout 1.0); null where the provider has no such thing. Whether its id was seen before is the caller's matter. */
  readonly checkLogout: ((token: string) => Promise<LogoutNotice>) | null
}

/** What all kinds of providers have in common. */
export interface IdentityProviderConfig {
  readonly clientId: string
  readonly clientSecret: Secret | null
  readonly scopes: readonly string[]
  readonly groupsClaim: string | null
  /** @risk Whoever is on the way between the server and the provider can sign in as anybody. */
  readonly unsafelyAllowPlainHttp: boolean
}
export interface IdentityProviderDeps {
  /** Reaches the origins of this provider alone. */
  readonly fetchConfigured: (request: EgressRequest) => Promise<EgressResponse>
  readonly now: () => number
}
export interface IdentityProviderDescriptor<Protocol = unknown> {
  /** The `kind` of a provider's protocol. */
  readonly id: string
  readonly title: string
  readonly protocol: z.ZodType<Protocol>
  /** The origins that an administrator named: what `describe` may reach. */
  namedOrigins(protocol: Protocol): readonly string[]
  create(protocol: Protocol, config: IdentityProviderConfig, deps: IdentityProviderDeps): IdentityProvider
}

/**
 * `refused`: what came is not the answer to this attempt, or the provider said no. `unavailable`: the provider did not answer as it
 * should. `misconfigured`: it will not before somebody changes a setting; `message` says which, and may be shown to an administrator.
 */
export class IdentityProviderFailure extends Error {
  override readonly name = 'IdentityProviderFailure'
  readonly kind: 'refused' | 'unavailable' | 'misconfigured'
  constructor(kind: IdentityProviderFailure['kind'], message: string, options: { readonly cause?: unknown } = {}) {
    super(message, { cause: options.cause })
    this.kind = kind
  }
}
