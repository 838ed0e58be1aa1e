import type { Insertable } from 'kysely'
import type { Database, WriteStep } from '../../database/database.ts'
import type { Scope } from '../../kernel/scope.ts'
import { selectStanding } from '../accounts/index.ts'
import type { SessionTable } from './tables.ts'

/** Sessions by the digest of their token, with the account's standing as it is now. This is how a scope comes about, so it cannot need one. */
export const createSessionStore = (database: Database) => ({
  byDigest: (digest: Uint8Array) => database.read.selectFrom('session').innerJoin('account', 'account.id', 'session.account_id')
    .select(['session.id', 'session.created_at', 'session.expires_at', 'session.authenticated_at', 'session.second_factor_at', 'session.last_seen_at'])
    .select(selectStanding).where('session.token_digest', '=', digest).executeTakeFirst(),
  insert: (row: Insertable<SessionTable>): WriteStep => ({ query: database.read.insertInto('session').values(row).compile() }),
  /** Makes room for one more: those that were used longest ago go. */
  keepNewest: (accountId: string, count: number): WriteStep => ({
    query: database.read.deleteFrom('session')
      .where('id', 'in', database.read.selectFrom('session').select('id').where('account_id', '=', accountId).orderBy('last_seen_at', 'desc').orderBy('id', 'desc').limit(1_000).offset(count)).compile(),
  }),
  /** Takes the place of the token that proved itself: of two at once exactly one does. */
  replaceToken: (id: string, old: Uint8Array, fresh: Pick<SessionTable, 'token_digest' | 'second_factor_at'> & { readonly authenticated_at: number }): WriteStep => ({
    query: database.read.updateTable('session').set(fresh).where('id', '=', id).where('token_digest', '=', old).compile(), expectRows: 1,
  }),
  digestOf: async (id: string) => (await database.read.selectFrom('session').select('token_digest').where('id', '=', id).executeTakeFirst())?.token_digest,
  touch: (id: string, at: number): WriteStep => ({ query: database.read.updateTable('session').set({ last_seen_at: at }).where('id', '=', id).where('last_seen_at', '<', at).compile() }),
  remove: (id: string): WriteStep => ({ query: database.read.deleteFrom('session').where('id', '=', id).compile() }),
  removeOf: (accountId: string, keepId: string | null): WriteStep => {
    const all = database.read.deleteFrom('session').where('account_id', '=', accountId)
    return { query: (keepId === null ? all : all.where('id', '!=', keepId)).compile() }
  },
  removeAll: (): WriteStep => ({ query: database.read.deleteFrom('session').compile() }),
  removeExpired: (now: number, idleBefore: number): WriteStep => ({
    query: database.read.deleteFrom('session').where((row) => row.or([row('expires_at', '<=', now), row('last_seen_at', '<', idleBefore)])).compile(),
  }),
})
export type SessionStore = ReturnType<typeof createSessionStore>

/** One account's sessions. */
export const createOwnSessionStore = (database: Database) => ({ accountId }: Scope) => ({
  list: () => database.read.selectFrom('session').selectAll().where('account_id', '=', accountId).orderBy('last_seen_at', 'desc').orderBy('id', 'desc').limit(200).execute(),
  remove: (id: string): WriteStep => ({ query: database.read.deleteFrom('session').where('account_id', '=', accountId).where('id', '=', id).compile(), expectRows: 1 }),
})
