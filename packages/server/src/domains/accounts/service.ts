import { randomBytes, type KeyObject } from 'node:crypto'
import type { Account } from '@sallyport/contract'
import type { Database } from '../../database/database.ts'
import { toMoment, type Clock } from '../../kernel/clock.ts'
import { createExactWindow } from '../../kernel/exact-window.ts'
import type { Caller } from '../../kernel/handler.ts'
import { ProblemError } from '../../kernel/problem.ts'
import { keyedHash } from '../../kernel/seal.ts'
import { passwordGuesses } from '../../policy/limits.ts'
import { auditStep, securityEventStep } from '../audit/index.ts'
import type { KeyRing } from '../secrets/index.ts'
import { hashPassword, passesPassword } from './password.ts'
import { createSetUp } from './set-up.ts'
import type { AccountStore } from './store.ts'
import type { AccountRow } from './tables.ts'

const RANDOM_BYTES = 32

export interface AccountDeps { readonly database: Database; readonly store: AccountStore; readonly keyRing: KeyRing; readonly clock: Clock; readonly lookupKey: KeyObject }

/** Who has an account: set-up, passwords, look-up. */
export function createAccounts({ database, store, keyRing, clock, lookupKey }: AccountDeps) {
  const guesses = createExactWindow(clock, passwordGuesses)
  // Someone who does not exist costs the same as someone who does (S8).
  const nobody = hashPassword(randomBytes(RANDOM_BYTES).toString('hex'))
  const lookupOf = (email: string) => keyedHash(lookupKey, email.normalize('NFKC').toLowerCase())

  const toAccount = async (row: AccountRow): Promise<Account> => ({
    id: row.id, name: row.name, role: row.role, createdAt: toMoment(row.created_at),
    email: (await keyRing.sealerOf(row.id)).open({ table: 'account', rowId: row.id, column: 'email_sealed' }, row.email_sealed),
  })
  const refuseSignIn = async (caller: Caller, accountId: string | null): Promise<never> => {
    const at = clock.now()
    await database.write([
      auditStep(caller, { at, action: 'sign-in-refused', outcome: 'refused', detail: { accountId } }),
      securityEventStep(database, { at, type: 'sign-in-refused', severity: 'low', accountId }),
    ])
    throw new ProblemError('wrong-credentials', { detail: 'Check both and try again.' })
  }

  return {
    toAccount,
    isSetUp: () => store.hasAny(),
    ...createSetUp({ database, store, keyRing, clock, lookupOf }),
    /** The account of an e-mail address and its password. Throws `wrong-credentials`, which never says which was wrong, and `too-many-requests`. */
    async checkPassword(caller: Caller, { email, password }: { readonly email: string; readonly password: string }): Promise<Account> {
      const lookup = lookupOf(email)
      const guess = guesses.take(lookup.toString('hex'))
      if (!guess.allowed) {
        throw new ProblemError('too-many-requests', { detail: 'There were too many tries for this account. Wait, then try again.', members: { retryAfterSeconds: guess.retryAfterSeconds } })
      }
      const row = await store.byLookup(lookup)
      const right = await passesPassword(password, row?.password_hash ?? await nobody)
      if (row === undefined || !right) return refuseSignIn(caller, row?.id ?? null)
      guesses.giveBack(lookup.toString('hex'))
      return toAccount(row)
    },
    /** Throws `not-found`. */
    async get(id: string): Promise<Account> {
      const row = await store.byId(id)
      if (row === undefined) throw new ProblemError('not-found')
      return toAccount(row)
    },
    async firstOwner(): Promise<Account | null> {
      const row = await store.firstOwner()
      return row === undefined ? null : toAccount(row)
    },
    async list({ limit, before }: { readonly limit: number; readonly before?: string | undefined }) {
      const rows = await store.page(before, limit)
      return { items: await Promise.all(rows.map(toAccount)), next: rows.length === limit ? rows.at(-1)?.id ?? null : null }
    },
  }
}
export type Accounts = ReturnType<typeof createAccounts>
