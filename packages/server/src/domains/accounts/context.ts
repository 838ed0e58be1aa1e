import { randomBytes } from 'node:crypto'
import type { Account } from '@sallyport/contract'
import type { Database, WriteStep } from '../../database/database.ts'
import { toMoment, type Clock } from '../../kernel/clock.ts'
import { openName } from '../../kernel/names.ts'
import { openIfWhole, type Sealer } from '../../kernel/seal.ts'
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
  /** Makes the hash of a password, and seals it for a row. */
  readonly sealedPassword: (rowId: string, password: string) => Promise<Uint8Array>
  /** The hash of an account's password; null where it has none. */
  readonly passwordHashOf: (row: Pick<AccountRow, 'id' | 'password_sealed'>) => string | null
  /** The address of a page of this server, with a token that the browser keeps to itself. */
  readonly linkTo: (page: 'invitation' | 'reset' | 'verify' | 'sign-in', token?: string) => string
  readonly emailOf: (row: Pick<AccountRow, 'id' | 'email_sealed'>) => Promise<string>
  readonly nameOf: (row: Pick<AccountRow, 'id' | 'name_sealed'>) => Promise<string>
  readonly toAccount: (row: AccountRow) => Promise<Account>
}

/** A one-time token of 256 random bits, as a link carries it. */
export const newToken = () => randomBytes(TOKEN_BYTES).toString('base64url')

/** Where the sealed address of an account lies. */
export const emailPlace = (rowId: string) => ({ table: 'account', rowId, column: 'email_sealed' })
const namePlace = (rowId: string) => ({ table: 'account', rowId, column: 'name_sealed' })
const passwordPlace = (rowId: string) => ({ table: 'account', rowId, column: 'password_sealed' })

/** An account's name, as its row keeps it. */
export const sealName = (sealer: Sealer, rowId: string, name: string): Uint8Array => sealer.seal(namePlace(rowId), name)

/** What an account is called. Throws `SealBroken` where it has no key. */
export const accountNameOf = async (keyRing: Pick<KeyRing, 'sealerOf'>, { id, name_sealed }: Pick<AccountRow, 'id' | 'name_sealed'>): Promise<string> =>
  openName(await keyRing.sealerOf(id), namePlace(id), name_sealed)

/** An account's address; one that no mail reaches (RFC 2606) where it was damaged or moved. Throws `SealBroken` where the account has no key. */
export const accountEmailOf = async (keyRing: Pick<KeyRing, 'sealerOf'>, { id, email_sealed }: Pick<AccountRow, 'id' | 'email_sealed'>): Promise<string> =>
  openIfWhole(await keyRing.sealerOf(id), emailPlace(id), email_sealed) ?? `${id}@unreadable.invalid`

/**
 * Hashes of passwords are sealed for the server and not for their account: its key may first have to be unwrapped, by a service far away
 * perhaps, and that would tell a claim on an account from one on nobody (S8).
 */
export const createPasswordSeal = (serverSealer: Sealer) => ({
  sealHash: (rowId: string, hash: string): Uint8Array => serverSealer.seal(passwordPlace(rowId), hash),
  /** Null for one that was damaged or moved: it opens nothing. */
  openHash: (rowId: string, sealed: Uint8Array): string | null => openIfWhole(serverSealer, passwordPlace(rowId), sealed),
})

/** An account as its owner sees it. */
export const accountFrom = ({ id, role, status, created_at }: Pick<AccountRow, 'id' | 'role' | 'status' | 'created_at'>, { email, name }: Pick<Account, 'email' | 'name'>): Account =>
  ({ id, email, name, role, status, createdAt: toMoment(created_at) })
