import type { Account, Session } from '@sallyport/contract'
import { toMoment } from '../../kernel/clock.ts'
import type { Caller, Handlers } from '../../kernel/handler.ts'
import { requireScope } from '../../kernel/require-scope.ts'
import { rolePermissions } from '../../policy/roles.ts'
import type { Accounts } from '../accounts/index.ts'
import type { Sessions } from './service.ts'

interface Cookies { set(token: string, expiresAt: number): string; clear(): string }

/** Set-up and sign-in give a session; the cookie's form is the edge's business. */
export const sessionRoutes = (sessions: Sessions, accounts: Accounts, cookies: Cookies) => {
  const begin = async (caller: Caller, account: Account) => {
    const { token, expiresAt } = await sessions.begin(caller, account)
    return { kind: 'headed' as const, reply: toSession(account, expiresAt), headers: { 'Set-Cookie': cookies.set(token, expiresAt) } }
  }
  return {
    createOwner: async ({ caller, body }) => begin(caller, await accounts.createOwner(caller, body)),
    signIn: async ({ caller, body }) => begin(caller, await accounts.checkPassword(caller, body)),
    getSession: async ({ caller }) => toSession(await accounts.get(requireScope(caller).accountId), caller.expiresAt),
    signOut: async ({ caller }) => {
      await sessions.end(caller)
      return { kind: 'headed', reply: undefined, headers: { 'Set-Cookie': cookies.clear(), 'Clear-Site-Data': '"cache", "cookies", "storage"' } }
    },
  } satisfies Partial<Handlers>
}

const toSession = (account: Account, expiresAt: number): Session =>
  ({ account, expiresAt: toMoment(expiresAt), permissions: [...rolePermissions[account.role]] })
