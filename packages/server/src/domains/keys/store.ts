import type { Insertable } from 'kysely'
import type { Database, WriteStep } from '../../database/database.ts'
import type { Scope } from '../../kernel/scope.ts'
import type { ApiKeyTable } from './tables.ts'

/** Reads by digest: this is how a scope comes about, so it cannot need one. */
export const createKeyFinder = (database: Database) => ({
  byDigest: (digest: Uint8Array) => database.read.selectFrom('api_key').innerJoin('account', 'account.id', 'api_key.account_id')
    .select(['api_key.id', 'api_key.account_id', 'api_key.expires_at', 'api_key.revoked_at', 'account.role'])
    .where('api_key.digest', '=', digest).executeTakeFirst(),
  touch: (id: string, at: number): WriteStep => ({ query: database.read.updateTable('api_key').set({ last_used_at: at }).where('id', '=', id).compile() }),
})

/** One account's keys. */
export const createKeyStore = (database: Database) => ({ accountId }: Scope) => ({
  page: (before: string | undefined, limit: number) => {
    const rows = database.read.selectFrom('api_key').selectAll().where('account_id', '=', accountId).where('revoked_at', 'is', null).orderBy('id', 'desc').limit(limit)
    return (before === undefined ? rows : rows.where('id', '<', before)).execute()
  },
  insert: (row: Omit<Insertable<ApiKeyTable>, 'account_id'>): WriteStep => ({ query: database.read.insertInto('api_key').values({ ...row, account_id: accountId }).compile() }),
  revoke: (id: string, at: number): WriteStep => ({
    query: database.read.updateTable('api_key').set({ revoked_at: at }).where('id', '=', id).where('account_id', '=', accountId).where('revoked_at', 'is', null).compile(),
    expectRows: 1,
  }),
})
