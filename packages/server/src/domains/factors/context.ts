import type { Account, Role } from '@sallyport/contract'
import type { Database, WriteStep } from '../../database/database.ts'
import type { Clock } from '../../kernel/clock.ts'
import type { Belongings } from '../accounts/index.ts'
import type { KeyRing } from '../secrets/index.ts'
import type { Challenges } from './challenges.ts'
import type { FactorStore } from './store.ts'
import type { FactorTable } from './tables.ts'

/** What factors need of accounts and of whoever remembers them. */
export interface FactorNeighbours {
  /** Throws `not-found`. */
  readonly account: (accountId: string) => Promise<Account>
  /** What ends when what protects an account changes: every session and token of it but for one. */
  readonly belongings: Pick<Belongings, 'endCredentials' | 'standingChanged' | 'announce'>
  /** Tells the account's owner that what protects the account has changed. Never waits, never throws. */
  readonly notify: (account: Account) => void
}

/** What every part of this domain stands on. */
export interface FactorContext extends FactorNeighbours {
  readonly database: Database
  readonly store: FactorStore
  readonly keyRing: KeyRing
  readonly clock: Clock
  readonly challenges: Challenges
  readonly requiredFor: ReadonlySet<Role>
}

/** Where a factor's sealed secret lies. */
export const secretPlace = (rowId: string) => ({ table: 'factor', rowId, column: 'secret_sealed' })
/** Where its sealed name lies. */
export const namePlace = (rowId: string) => ({ table: 'factor', rowId, column: 'name_sealed' })

/** Whether a factor proves anything: it was confirmed, and no copy of it was seen. */
export const isUsable = ({ confirmed_at, suspended_at }: Pick<FactorTable, 'confirmed_at' | 'suspended_at'>) => confirmed_at !== null && suspended_at === null

/**
 * Writes a change of what protects an account. Every session and token of it ends but for the caller's own, because they were begun
 * without it; the owner is told. Throws `WriteConflict`.
 */
export async function writeChange({ database, belongings, account, notify }: FactorContext, { accountId, keepSessionId, steps }: { readonly accountId: string; readonly keepSessionId: string | null; readonly steps: readonly WriteStep[] }): Promise<void> {
  await database.write([...steps, ...belongings.endCredentials(accountId, keepSessionId), belongings.standingChanged(accountId, keepSessionId)])
  belongings.announce(accountId, keepSessionId)
  notify(await account(accountId))
}
