import { ProblemError } from '../../packages/server/src/kernel/problem.ts'
import type { TestServer } from '../../packages/server/src/testing/server.ts'

/** Suspends the accounts whose name begins with `su`, and takes the password from those that begin with `pa`. */
export async function setPasswords({ sallyport: { database } }: TestServer): Promise<void> {
  const accounts = database.read.updateTable('account')
  await database.write([
    { query: accounts.set({ status: 'suspended' }).where('name', 'like', 'su%').compile() },
    { query: accounts.set({ password_hash: '' }).where('name', 'like', 'pa%').compile() },
  ])
}

/** The build that must be found out: whoever has no account is refused before any password is hashed. */
export function hashesNobody({ sallyport: { domains: { accounts } } }: TestServer): void {
  const check = accounts.checkPassword
  accounts.checkPassword = (caller, claim) => (claim.email.startsWith('un') ? Promise.reject(new ProblemError('wrong-credentials', { detail: 'Check both and try again.' })) : check(caller, claim))
}
