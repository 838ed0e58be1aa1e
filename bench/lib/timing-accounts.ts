import { ProblemError } from '../../packages/server/src/kernel/problem.ts'
import type { TestServer } from '../../packages/server/src/testing/server.ts'

/** Suspends the accounts whose name begins with `su`, and takes the password from those that begin with `pa`. */
export async function setPasswords({ sallyport: { database, domains } }: TestServer): Promise<void> {
  const rows = await database.read.selectFrom('account').select('id').execute()
  const names = await domains.namesOf({ accounts: rows.map(({ id }) => id), groups: [], keys: [] })
  const named = (beginning: string) => rows.flatMap(({ id }) => (names.get(id)?.startsWith(beginning) === true ? [id] : []))
  const accounts = database.read.updateTable('account')
  await database.write([
    { query: accounts.set({ status: 'suspended' }).where('id', 'in', named('su')).compile() },
    { query: accounts.set({ password_sealed: null }).where('id', 'in', named('pa')).compile() },
  ])
}

/** The build that must be found out: whoever has no account is refused before any password is hashed. */
export function hashesNobody({ sallyport: { domains: { accounts } } }: TestServer): void {
  const check = accounts.checkPassword
  accounts.checkPassword = (caller, claim) => (claim.email.startsWith('un') ? Promise.reject(new ProblemError('wrong-credentials', { detail: 'Check both and try again.' })) : check(caller, claim))
}
