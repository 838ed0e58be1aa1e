import type { ExpressionBuilder, Insertable, Updateable } from 'kysely'
import type { Database, WriteStep } from '../../database/database.ts'
import type { Schema } from '../../database/schema.ts'
import type { AccountTable } from './tables.ts'

const SETUP_ROW = 1

/** For a look-up of a credential that joins `account`: what of the account is read with it. */
export const selectStanding = (row: ExpressionBuilder<Schema, 'account'>) => [
  'account.id as account_id', 'account.role', 'account.kind', 'account.status', 'account.password_change_needed',
  row.selectFrom('factor').select((factor) => factor.fn.countAll().as('count')).whereRef('factor.account_id', '=', 'account.id').where('factor.confirmed_at', 'is not', null).as('second_factors'),
] as const

/** Accounts and the set-up token. Not scoped: an account is what a scope is made from. */
export const createAccountStore = (database: Database) => ({
  /** Whether anybody owns this server. Others may be there before: who signs up keeps the owner from nothing. */
  hasOwner: async () => (await database.read.selectFrom('account').select('id').where('role', '=', 'owner').limit(1).execute()).length > 0,
  byLookup: (lookup: Uint8Array) => database.read.selectFrom('account').selectAll().where('email_lookup', '=', lookup).executeTakeFirst(),
  byId: (id: string) => database.read.selectFrom('account').selectAll().where('id', '=', id).executeTakeFirst(),
  firstOwner: () => database.read.selectFrom('account').selectAll().where('role', '=', 'owner').where('status', '=', 'active').orderBy('id').limit(1).executeTakeFirst(),
  /** Those who are told of what threatens the server, owners first. */
  guardians: (limit: number) => database.read.selectFrom('account').select(['id', 'email_sealed']).where('role', 'in', ['owner', 'administrator']).where('status', '=', 'active').where('kind', '=', 'person').orderBy('role', 'desc').orderBy('id').limit(limit).execute(),
  named: (ids: readonly string[]) => database.read.selectFrom('account').select(['id', 'name_sealed']).where('id', 'in', [...ids]).execute(),
  page: (before: string | undefined, limit: number) => {
    const rows = database.read.selectFrom('account').selectAll().orderBy('id', 'desc').limit(limit)
    return (before === undefined ? rows : rows.where('id', '<', before)).execute()
  },
  standing: (id: string) => database.read.selectFrom('account').select(selectStanding).where('account.id', '=', id).executeTakeFirst(),
  /** Which of these accounts have a second factor. */
  withSecondFactor: async (ids: readonly string[]): Promise<ReadonlySet<string>> => {
    const rows = ids.length === 0 ? [] : await database.read.selectFrom('factor').select('account_id').distinct().where('account_id', 'in', [...ids]).where('confirmed_at', 'is not', null).execute()
    return new Set(rows.map((row) => row.account_id))
  },
  setupDigest: async () => (await database.read.selectFrom('setup_token').select('digest').where('id', '=', SETUP_ROW).executeTakeFirst())?.digest,
  insert: (row: Insertable<AccountTable>): WriteStep => ({ query: database.read.insertInto('account').values(row).compile() }),
  /** Changes one account that is as it was read: of two changes at once the second conflicts where it would undo a rule that the first relied on. */
  change: (id: string, was: Partial<Pick<AccountTable, 'role' | 'password_sealed'>> & { readonly status?: 'active' | 'suspended' }, fields: Updateable<AccountTable>): WriteStep => {
    // A role that is given takes the place of the one before it; what groups add to it is settled after.
    let query = database.read.updateTable('account').set(fields.role === undefined ? fields : { ...fields, granted_role: null }).where('id', '=', id)
    if (was.role !== undefined) query = query.where('role', '=', was.role)
    if (was.status !== undefined) query = query.where('status', '=', was.status)
    if (was.password_sealed !== undefined) query = query.where('password_sealed', was.password_sealed === null ? 'is' : '=', was.password_sealed)
    return { query: query.compile(), expectRows: 1 }
  },
  /** Takes every password away, and only people have one: none opens anything from then on, and a link sets a new one. */
  endPasswords: (): WriteStep => ({ query: database.read.updateTable('account').set({ password_sealed: null, password_change_needed: 0 }).compile() }),
  /** Whoever has a password has to choose a new one at the next sign-in. */
  demandNewPasswords: (): WriteStep => ({ query: database.read.updateTable('account').set({ password_change_needed: 1 }).where('password_sealed', 'is not', null).compile() }),
  remove: (id: string): WriteStep => ({ query: database.read.deleteFrom('account').where('id', '=', id).compile(), expectRows: 1 }),
  /**
   * Undoes the batch unless an active owner is left besides this account. Every such batch first changes the one row of `owner_lock`, so
   * that two owners who remove each other at once wait for one another, and the second sees that the first is gone.
   */
  requireAnotherOwner: (id: string): readonly WriteStep[] => {
    const turn = database.read.updateTable('owner_lock').set((expression) => ({ turns: expression('turns', '+', 1) }))
    const another = database.read.selectFrom('account').select('account.id').where('account.role', '=', 'owner').where('account.status', '=', 'active').where('account.kind', '=', 'person').where('account.id', '!=', id)
    return [{ query: turn.compile(), expectRows: 1 }, { query: turn.where(({ exists }) => exists(another)).compile(), expectRows: 1 }]
  },
  dropSetupToken: (): WriteStep => ({ query: database.read.deleteFrom('setup_token').compile() }),
  putSetupToken: (digest: Uint8Array, at: number): WriteStep => ({ query: database.read.insertInto('setup_token').values({ id: SETUP_ROW, digest, created_at: at }).compile() }),
  /** Uses the token up: exactly one batch can. */
  takeSetupToken: (digest: Uint8Array): WriteStep => ({ query: database.read.deleteFrom('setup_token').where('id', '=', SETUP_ROW).where('digest', '=', digest).compile(), expectRows: 1 }),
})
export type AccountStore = ReturnType<typeof createAccountStore>
