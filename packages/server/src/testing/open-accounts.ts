import { createSecretKey, randomBytes } from 'node:crypto'
import type { Account, Role } from '@sallyport/contract'
import type { Database, Dialect } from '../database/database.ts'
import { createAccounts, createAccountStore, endLinkSteps, type Accounts } from '../domains/accounts/index.ts'
import { SERVER_KEYS, type KeyRing } from '../domains/secrets/index.ts'
import type { Caller } from '../kernel/handler.ts'
import type { Log } from '../kernel/log.ts'
import type { Mail, Mailer } from '../ports/mailer.ts'
import { callerLike } from './caller.ts'
import { openTestStore } from './server-database.ts'
import { createTestClock, type TestClock } from './test-clock.ts'

export const GOOD_PASSWORD = 'four unrelated words here'

/** One server's accounts over a store that it may share with others. */
export interface AccountProcess { readonly accounts: Accounts; readonly mails: readonly Mail[]; readonly announced: readonly string[] }
export interface OpenAccounts extends AccountProcess, AsyncDisposable {
  readonly database: Database
  readonly keyRing: KeyRing
  readonly clock: TestClock
  /** The same store in another process, as far as memory goes. */
  another(): AccountProcess
  /** Makes an account by set-up or by an invitation, with the password of all tests. */
  add(name: string, role: Role): Promise<Account & { readonly caller: Caller }>
}
interface AccountOptions { readonly mail?: boolean; readonly domains?: readonly string[]; readonly mailer?: Mailer }

/** Somebody who is nobody yet, calling from an address of their own. */
export const stranger = (address = '203.0.113.1'): Caller => ({ ...callerLike('acc_nobody', 'guest'), scope: null, role: null, permissions: new Set(), credential: { kind: 'none', id: '' }, sessionId: null, address })

/** The token behind the `#` of a link. */
export const tokenIn = (text: string): string => /#([A-Za-z0-9_-]{43})/.exec(text)?.[1] ?? ''

/** The domain of accounts over a real, empty store, with a clock that stands still. */
export async function openAccounts(dialect: Dialect, { mail = true, domains = [], mailer }: AccountOptions = {}): Promise<OpenAccounts> {
  const store = await openTestStore(dialect)
  const { database, keyRing } = store
  const clock = createTestClock()
  clock.stop()
  const log: Log = { info: () => undefined, warn: () => undefined, error: () => undefined }
  const serverSealer = await keyRing.ensure(SERVER_KEYS)
  const lookupKey = createSecretKey(randomBytes(32))
  const begun: Accounts[] = []

  const begin = (): AccountProcess => {
    const mails: Mail[] = []
    const announced: string[] = []
    const keeping: Mailer = { send: (sent) => { mails.push(sent); return Promise.resolve({ outcome: 'accepted' }) } }
    const accounts = createAccounts({
      database, store: createAccountStore(database), keyRing, clock, log, serverSealer, lookupKey, mailer: mail ? mailer ?? keeping : null,
      publicUrl: () => 'https://chat.example.net', signUp: { domains, role: 'member' },
      belongings: {
        endCredentials: (accountId, keep) => {
          const sessions = database.read.deleteFrom('session').where('account_id', '=', accountId)
          return [{ query: (keep === null ? sessions : sessions.where('id', '!=', keep)).compile() }, ...endLinkSteps(database, accountId)]
        },
        standingChanged: (accountId) => ({ query: database.read.updateTable('account').set((expression) => ({ created_at: expression.ref('created_at') })).where('id', '=', accountId).compile() }),
        announce: (accountId) => { announced.push(accountId) },
        erase: () => [],
      },
    })
    begun.push(accounts)
    return { accounts, mails, announced }
  }
  const first = begin()
  const calling = (account: Account) => ({ ...account, caller: callerLike(account.id, account.role) })
  let owner: Caller | null = null
  return {
    ...first, database, keyRing, clock,
    another: begin,
    async add(name, role) {
      const fields = { email: `${name}@example.org`, name, password: GOOD_PASSWORD }
      if (owner === null) {
        const token = await first.accounts.renewSetupToken()
        const made = calling(await first.accounts.createOwner(stranger(), { ...fields, token: token?.reveal() ?? '' }))
        owner = made.caller
        return made
      }
      const { link } = await first.accounts.createInvitation(owner, { role, expiresInHours: 1, uses: 1, send: false })
      return calling(await first.accounts.acceptInvitation(stranger(), { ...fields, token: tokenIn(link) }))
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(begun.map((accounts) => accounts.close()))
      await store[Symbol.asyncDispose]()
    },
  }
}
