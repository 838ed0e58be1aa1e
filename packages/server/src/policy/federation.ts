import type { LinkPolicy, Role } from '@sallyport/contract'

/** From sending the browser to a provider until it is back. */
export const signInLife = { seconds: 600 } as const

/**
 * Accounts that no provider's word alone opens for the first time, whatever its settings: who may save providers must not come by one
 * into an account above or beside their own. Such people link a provider on their account page.
 */
export const neverLinkedByEmail: ReadonlySet<Role> = new Set<Role>(['owner', 'administrator'])

/** What only an owner may choose: it opens accounts that their people guard with a password. */
export const ownersLinkPolicies: ReadonlySet<LinkPolicy> = new Set<LinkPolicy>(['verified'])

/** Providers of one server, and identities of one account. */
export const federationCounts = { providers: 50, identities: 20 } as const
