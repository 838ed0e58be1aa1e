import type { Insertable } from 'kysely'
import type { Database, WriteStep } from '../../database/database.ts'
import type { SessionTable } from './tables.ts'

/** Sessions by the digest of their token, with the account's role as it is now. */
export const createSessionStore = (database: Database) => ({
  byDigest: (digest: Uint8Array) => database.read.selectFrom('session').innerJoin('account', 'account.id', 'session.account_id')
    .select(['session.id', 'session.account_id', 'session.expires_at', 'account.role']).where('session.token_digest', '=', digest).executeTakeFirst(),
  insert: (row: Insertable<SessionTable>): WriteStep => ({ query: database.read.insertInto('session').values(row).compile() }),
  remove: (id: string): WriteStep => ({ query: database.read.deleteFrom('session').where('id', '=', id).compile() }),
  removeExpired: (now: number): WriteStep => ({ query: database.read.deleteFrom('session').where('expires_at', '<=', now).compile() }),
})
export type SessionStore = ReturnType<typeof createSessionStore>
