import { Email, type Role } from '@sallyport/contract'
import type { WriteStep } from '../../database/database.ts'
import { ProblemError } from '../../kernel/problem.ts'
import { neverLinkedByEmail } from '../../policy/federation.ts'
import type { Assertion } from '../../ports/identity-provider.ts'
import type { ProviderSettings } from './settings.ts'

/** What is known of an account that an identity might open. */
export interface KnownAccount {
  readonly id: string
  readonly role: Role
  readonly status: 'active' | 'suspended'
  readonly kind: 'person' | 'service'
  /** Its owner showed once that the address is theirs, or was invited under it. */
  readonly emailVerified: boolean
  readonly hasPassword: boolean
}
/** What may be asked and told of accounts. */
export interface AccountsForFederation {
  byId(id: string): Promise<KnownAccount | null>
  byEmail(email: string): Promise<KnownAccount | null>
  /** A new account without a password, and the steps that make it. */
  prepare(person: { readonly email: string; readonly name: string | null; readonly role: Role }): Promise<{ readonly id: string; readonly steps: readonly WriteStep[] }>
}
export interface Admission { readonly accountId: string; readonly isNew: boolean; readonly steps: readonly WriteStep[] }

/**
 * Whose account an identity opens that was never seen before. Everything here begins with the provider's word that the address is
 * verified; without it nothing is linked and nothing is made. Throws `identity-email-unverified` and `identity-not-linked`.
 */
export async function admit(assertion: Assertion, settings: ProviderSettings, accounts: AccountsForFederation): Promise<Admission> {
  const { emailVerified } = assertion
  // What is no address to us is none, whoever vouches for it.
  const email = Email.safeParse(assertion.email).data
  if (email === undefined) throw notLinked()
  if (!emailVerified) throw new ProblemError('identity-email-unverified')
  const account = await accounts.byEmail(email)
  if (account !== null) {
    if (!mayLink(account, settings)) throw notLinked()
    return { accountId: account.id, isNew: false, steps: [] }
  }
  const role = roleOfNewcomer({ email, groups: assertion.groups }, settings)
  if (role === null) throw notLinked()
  const { id, steps } = await accounts.prepare({ email, name: assertion.name, role })
  return { accountId: id, isNew: true, steps }
}

/** An account whose own address was never verified may have been made by somebody else, who waits for its owner to come: it is not linked. */
function mayLink({ status, kind, role, emailVerified, hasPassword }: KnownAccount, { linkByVerifiedEmail }: ProviderSettings): boolean {
  if (status !== 'active' || kind !== 'person' || !emailVerified || neverLinkedByEmail.has(role)) return false
  return linkByVerifiedEmail === 'verified' || (linkByVerifiedEmail === 'without-password' && !hasPassword)
}

/** Null where nobody gets an account so. A domain matches as a whole: not as an end, and not below it. */
function roleOfNewcomer({ email, groups }: { readonly email: string; readonly groups: readonly string[] }, { newAccounts }: ProviderSettings): Role | null {
  switch (newAccounts.when) {
    case 'never': return null
    case 'listed-domains': return newAccounts.domains.includes(email.slice(email.lastIndexOf('@') + 1).toLowerCase()) ? newAccounts.role : null
    case 'listed-groups': return newAccounts.groups.some((group) => groups.includes(group)) ? newAccounts.role : null
  }
}

export const notLinked = () => new ProblemError('identity-not-linked')
