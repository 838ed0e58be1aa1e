import type { Database, WriteStep } from '../../database/database.ts'
import { createGuardStore } from './guard-store.ts'
import { createAccountStore } from './store.ts'
import { createTokenStore } from './token-store.ts'

/**
 * Ends the links that could still change an account, of one or of all (null): to a new password, and to another address. Whoever got hold of a session
 * may have asked for them; so they end with the sign-ins of the account.
 */
export const endLinkSteps = (database: Database, accountId: string | null): readonly WriteStep[] => {
  const tokens = createTokenStore(database)
  return [tokens.dropReset(accountId), tokens.dropEmailChange(accountId)]
}

/** Ends every invitation that an account has made, or all (null). */
export const endInvitationsStep = (database: Database, accountId: string | null, at: number): WriteStep => createTokenStore(database).revokeInvitationsOf(accountId, at)

/**
 * Makes everybody's password worthless, or has everybody choose a new one at their next sign-in; and no browser is known any more, in which
 * wrong passwords would be heard for longer.
 */
export const endPasswordSteps = (database: Database, how: 'end' | 'change'): readonly WriteStep[] => {
  const accounts = createAccountStore(database)
  return [how === 'end' ? accounts.endPasswords() : accounts.demandNewPasswords(), createGuardStore(database).forgetAllDevices()]
}
