import { randomBytes } from 'node:crypto'
import type { Account } from '@sallyport/contract'
import type { Database, WriteStep } from '../../database/database.ts'
import { toMoment, type Clock } from '../../kernel/clock.ts'
import type { Patterns } from '../patterns/index.ts'
import type { KeyRing } from '../secrets/index.ts'
import type { AccountStore } from './store.ts'
import type { Outbox } from './outbox.ts'
import type { PasswordStrength } from './strength.ts'
import type { AccountRow } from './tables.ts'

const TOKEN_BYTES = 32

/** What ends with an account's credentials, and with the account. Other domains give it; this one writes it into its own batches. */
export interface Belongings {
  /** Ends every session and token of an account, but for one session where it is named. */
  readonly endCredentials: (accountId: string, keepSessionId: string | null) => readonly WriteStep[]
  /** Erases what no reference of the database takes along. */
  readonly erase: (accountId: string) => readonly WriteStep[]
  /** The row from which other processes hear that what they remember of an account is old. `announce` follows the batch. */
  readonly standingChanged: (accountId: string, keepSessionId: string | null) => WriteStep
  /** Tells this process: what an account holds open ends, but for one session, and what is remembered of it is read anew. */
  readonly announce: (accountId: string, keepSessionId: string | null) => void
}

/** What every part of this domain stands on. */
export interface AccountContext {
  readonly database: Database
  readonly store: AccountStore
  readonly keyRing: KeyRing
  readonly clock: Clock
  readonly outbox: Outbox
  readonly strength: PasswordStrength
  readonly belongings: Belongings
  readonly patterns: Pick<Patterns, 'note'>
  readonly lookupOf: (email: string) => Uint8Array
  /** The address of a page of this server, with a token that the browser keeps to itself. */
  readonly linkTo: (page: 'invitation' | 'reset' | 'verify' | 'sign-in', token?: string) => string
  readonly emailOf: (row: Pick<AccountRow, 'id' | 'email_sealed'>) => Promise<string>
  readonly toAccount: (row: AccountRow) => Promise<Account>
}

/** A one-time token of 256 random bits, as a link carries it. */
export const newToken = () => randomBytes(TOKEN_BYTES).toString('base64url')

/** Where the sealed address of an account lies. */
export const emailPlace = (rowId: string) => ({ table: 'account', rowId, column: 'email_sealed' })

/** An account as its owner sees it. */
export const accountFrom = ({ id, name, role, status, created_at }: Pick<AccountRow, 'id' | 'name' | 'role' | 'status' | 'created_at'>, email: string): Account =>
  ({ id, email, name, role, status, createdAt: toMoment(created_at) })
