import * as z from 'zod'
import { DeploymentEnvironment, idOf, line, Moment } from './common.ts'

/** A provider's name in addresses, such as the one that it sends people back to. */
export const IdentityProviderName = z.string().regex(/^[a-z][a-z0-9-]{0,31}$/, 'Use small letters, digits and dashes, beginning with a letter.')

const WebAddress = z.url({ protocol: /^https?$/, error: 'Give an address that begins with https://.' }).max(500)
/** Members of a claim, joined by dots: `realm_access.roles`. */
const ClaimPath = z.string().regex(/^[\w:/-]{1,80}(\.[\w:/-]{1,80}){0,4}$/, 'Name a claim, such as groups or realm_access.roles.')
const Domain = z.string().trim().toLowerCase().regex(/^(?=.{1,253}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+$/, 'Give a domain, such as example.org.')
const ClaimValue = line(200)

/** OpenID Connect: everything else about the provider is found at its issuer (OpenID Connect Discovery 1.0). */
const OpenIdConnect = z.strictObject({ kind: z.literal('oidc'), issuer: WebAddress })
/** Plain OAuth 2: endpoints as its manual lists them, and where the answer of the user-info endpoint holds what. */
const OAuth2 = z.strictObject({
  kind: z.literal('oauth2'),
  authorizationEndpoint: WebAddress, tokenEndpoint: WebAddress, userInfoEndpoint: WebAddress,
  /** A list of `{ email, primary, verified }`, where a provider keeps addresses apart. */
  emailsEndpoint: WebAddress.optional(),
  claims: z.strictObject({ subject: ClaimPath, email: ClaimPath.optional(), emailVerified: ClaimPath.optional(), name: ClaimPath.optional() }),
})

/** Whose account a verified e-mail address of this provider opens when it is seen for the first time. */
export const LinkPolicy = z.enum(['never', 'without-password', 'verified']).describe('never: only from the account page. without-password: accounts that have no password and whose own address was verified or invited. verified: those with a password too')
export type LinkPolicy = z.output<typeof LinkPolicy>

/** Who gets an account by signing in for the first time. */
export const NewAccounts = z.discriminatedUnion('when', [
  z.strictObject({ when: z.literal('never') }),
  z.strictObject({ when: z.literal('listed-domains'), domains: z.array(Domain).min(1, 'List at least one domain.').max(100), role: z.enum(['member', 'guest']) }),
  z.strictObject({ when: z.literal('listed-groups'), groups: z.array(ClaimValue).min(1, 'List at least one group.').max(100), role: z.enum(['member', 'guest']) }),
])
export type NewAccounts = z.output<typeof NewAccounts>

const GroupMapping = z.strictObject({ value: ClaimValue.describe('As the provider writes it'), groupId: idOf('group') })

const settings = {
  label: line(40).describe('On the button of the sign-in page'),
  protocol: z.discriminatedUnion('kind', [OpenIdConnect, OAuth2]).describe('How it is asked: OpenID Connect, or OAuth 2 with addresses of its own'),
  clientId: z.string().trim().min(1).max(500).describe('The name that it gave this server'),
  scopes: z.array(z.string().regex(/^[\x21\x23-\x5b\x5d-\x7e]{1,100}$/, 'A scope has no spaces.')).max(20).describe('Asked for; openid comes by itself where the protocol is oidc'),
  /** @risk Lets the server reach this provider at an address of a private network. */
  allowPrivateAddress: z.boolean().describe('It is in a private network or on this machine'),
  /** @risk Whoever is on the way between the server and the provider can sign in as anybody. */
  unsafelyAllowPlainHttp: z.boolean().describe('It may be asked without TLS: whoever is on the way can sign in as anybody'),
  groupsClaim: ClaimPath.nullable().describe('The claim that lists groups'),
  groupMappings: z.array(GroupMapping).max(200).describe('Values of that claim, each with the group here'),
  linkByVerifiedEmail: LinkPolicy,
  newAccounts: NewAccounts.describe('Who gets an account at the first sign-in'),
} as const

export const IdentityProvider = z.strictObject({
  id: idOf('identityProvider'), name: IdentityProviderName, ...settings, hasClientSecret: z.boolean(),
  hosts: z.array(z.string()).describe('The origins that the server may call for it'),
  redirectPath: z.string().describe('Register this path, behind the address of this server, at the provider'),
  backChannelLogoutPath: z.string(),
  environment: DeploymentEnvironment.describe('What its client secret is for; a server for something else does not use it'),
  origin: z.enum(['stored', 'configuration']), createdAt: Moment,
})
export type IdentityProvider = z.output<typeof IdentityProvider>

/** What is left out takes its safe default; a client secret that is left out stays while the provider's hosts stay. */
export const IdentityProviderRequest = z.strictObject({
  label: settings.label, protocol: settings.protocol, clientId: settings.clientId,
  clientSecret: z.string().trim().min(8).max(4_000).optional().describe('Write-only'),
  scopes: settings.scopes.default(['openid', 'email', 'profile']),
  allowPrivateAddress: settings.allowPrivateAddress.default(false),
  unsafelyAllowPlainHttp: settings.unsafelyAllowPlainHttp.default(false),
  groupsClaim: settings.groupsClaim.default(null),
  groupMappings: settings.groupMappings.default([]),
  linkByVerifiedEmail: settings.linkByVerifiedEmail.default('without-password'),
  newAccounts: settings.newAccounts.default({ when: 'never' }),
})
export type IdentityProviderRequest = z.output<typeof IdentityProviderRequest>

/** What anybody may know of a provider: enough for a button. */
export const SignInProvider = z.strictObject({ name: IdentityProviderName, label: z.string() })
export type SignInProvider = z.output<typeof SignInProvider>

/** Where the page goes on after a sign-in: a path of this server and nothing else. */
const ReturnPath = z.string().max(200).regex(/^\/([\w-]+(\/[\w-]+)*)?$/, 'Give a path of this page.')
export const FederatedSignInQuery = z.strictObject({
  returnTo: ReturnPath.default('/'),
  fresh: z.stringbool().default(false).describe('Asks the provider to ask again, for what needs a fresh sign-in'),
})
/** Providers add parameters of their own; each is one short text. */
export const FederatedAnswer = z.record(z.string().max(100), z.string('Each parameter comes once.').max(8_000))
export const BackChannelLogoutRequest = z.object({ logout_token: z.string().min(1).max(16_000) })

/** An identity at a provider that opens an account. */
export const Identity = z.strictObject({
  id: idOf('identity'), provider: IdentityProviderName, label: z.string(), shownAs: z.string().nullable().describe('What the provider called it when it was linked'),
  linkedAt: Moment, lastUsedAt: Moment.nullable(),
})
export type Identity = z.output<typeof Identity>
export const LinkRequest = z.strictObject({ provider: IdentityProviderName, returnTo: ReturnPath.default('/account') })
export const LinkStart = z.strictObject({ url: z.string().describe('Send the browser there') })
