import type { Insertable } from 'kysely'
import type { Database, WriteStep } from '../../database/database.ts'
import type { AccountTable } from './tables.ts'

const SETUP_ROW = 1

/** Accounts and the set-up token. Not scoped: an account is what a scope is made from. */
export const createAccountStore = (database: Database) => ({
  hasAny: async () => (await database.read.selectFrom('account').select('id').limit(1).execute()).length > 0,
  byLookup: (lookup: Uint8Array) => database.read.selectFrom('account').selectAll().where('email_lookup', '=', lookup).executeTakeFirst(),
  byId: (id: string) => database.read.selectFrom('account').selectAll().where('id', '=', id).executeTakeFirst(),
  firstOwner: () => database.read.selectFrom('account').selectAll().where('role', '=', 'owner').orderBy('id').limit(1).executeTakeFirst(),
  page: (before: string | undefined, limit: number) => {
    const rows = database.read.selectFrom('account').selectAll().orderBy('id', 'desc').limit(limit)
    return (before === undefined ? rows : rows.where('id', '<', before)).execute()
  },
  setupDigest: async () => (await database.read.selectFrom('setup_token').select('digest').where('id', '=', SETUP_ROW).executeTakeFirst())?.digest,
  insert: (row: Insertable<AccountTable>): WriteStep => ({ query: database.read.insertInto('account').values(row).compile() }),
  dropSetupToken: (): WriteStep => ({ query: database.read.deleteFrom('setup_token').compile() }),
  putSetupToken: (digest: Uint8Array, at: number): WriteStep => ({ query: database.read.insertInto('setup_token').values({ id: SETUP_ROW, digest, created_at: at }).compile() }),
  /** Uses the token up: exactly one batch can. */
  takeSetupToken: (digest: Uint8Array): WriteStep => ({ query: database.read.deleteFrom('setup_token').where('id', '=', SETUP_ROW).where('digest', '=', digest).compile(), expectRows: 1 }),
})
export type AccountStore = ReturnType<typeof createAccountStore>
