import type { Insertable } from 'kysely'
import type { Database, WriteStep } from '../../database/database.ts'
import type { Scope } from '../../kernel/scope.ts'
import { selectStanding } from '../accounts/index.ts'
import type { RefreshTokenTable, SigningKeyTable, TokenFamilyTable } from './tables.ts'

/** Families of refresh tokens. Not scoped: they are what a scope comes from. */
export const createFamilyStore = ({ read }: Database) => ({
  byId: (id: string) => read.selectFrom('token_family').innerJoin('account', 'account.id', 'token_family.account_id')
    .select(['token_family.id', 'token_family.authenticated_at', 'token_family.second_factor_at', 'token_family.last_seen_at', 'token_family.expires_at'])
    .select(selectStanding).where('token_family.id', '=', id).executeTakeFirst(),
  insert: (row: Insertable<TokenFamilyTable>): WriteStep => ({ query: read.insertInto('token_family').values(row).compile() }),
  prove: (id: string, at: { readonly authenticated_at: number; readonly second_factor_at: number | null }): WriteStep => ({ query: read.updateTable('token_family').set(at).where('id', '=', id).compile(), expectRows: 1 }),
  touch: (id: string, at: number): WriteStep => ({ query: read.updateTable('token_family').set({ last_seen_at: at }).where('id', '=', id).compile(), expectRows: 1 }),
  remove: (id: string): WriteStep => ({ query: read.deleteFrom('token_family').where('id', '=', id).compile() }),
  removeOf: (accountId: string, keepId: string | null): WriteStep => {
    const all = read.deleteFrom('token_family').where('account_id', '=', accountId)
    return { query: (keepId === null ? all : all.where('id', '!=', keepId)).compile() }
  },
  removeAll: (): WriteStep => ({ query: read.deleteFrom('token_family').compile() }),
  removeExpired: (now: number, idleBefore: number): WriteStep => ({ query: read.deleteFrom('token_family').where((row) => row.or([row('expires_at', '<=', now), row('last_seen_at', '<', idleBefore)])).compile() }),
  /** Makes room for one more: those that were used longest ago go. */
  keepNewest: (accountId: string, count: number): WriteStep => ({
    query: read.deleteFrom('token_family')
      .where('id', 'in', read.selectFrom('token_family').select('id').where('account_id', '=', accountId).orderBy('last_seen_at', 'desc').orderBy('id', 'desc').limit(1_000).offset(count)).compile(),
  }),
  refreshToken: (digest: Uint8Array) => read.selectFrom('refresh_token').innerJoin('token_family', 'token_family.id', 'refresh_token.family_id')
    .select(['refresh_token.family_id', 'refresh_token.used_at', 'token_family.account_id']).where('refresh_token.digest', '=', digest).executeTakeFirst(),
  insertRefreshToken: (row: Omit<RefreshTokenTable, 'used_at'>): WriteStep => ({ query: read.insertInto('refresh_token').values({ ...row, used_at: null }).compile() }),
  /** Uses a refresh token up: exactly one batch can. */
  useRefreshToken: (digest: Uint8Array, at: number): WriteStep => ({ query: read.updateTable('refresh_token').set({ used_at: at }).where('digest', '=', digest).where('used_at', 'is', null).compile(), expectRows: 1 }),
})
export type FamilyStore = ReturnType<typeof createFamilyStore>

/** One account's families. */
export const createOwnFamilyStore = ({ read }: Database) => ({ accountId }: Scope) => ({
  list: () => read.selectFrom('token_family').selectAll().where('account_id', '=', accountId).orderBy('last_seen_at', 'desc').orderBy('id', 'desc').limit(200).execute(),
  remove: (id: string): WriteStep => ({ query: read.deleteFrom('token_family').where('account_id', '=', accountId).where('id', '=', id).compile(), expectRows: 1 }),
})

/** Keys that sign. */
export const createSigningKeyStore = ({ read }: Database) => ({
  all: () => read.selectFrom('signing_key').selectAll().orderBy('number', 'desc').execute(),
  /** Two processes that make the next key at once meet the unique number: one does. */
  insert: (row: Insertable<SigningKeyTable>): WriteStep => ({ query: read.insertInto('signing_key').values(row).compile() }),
  /** Those before a number end at a moment, unless they end earlier. */
  endBefore: (number: number, at: number): WriteStep => ({ query: read.updateTable('signing_key').set({ ends_at: at }).where('number', '<', number).where((row) => row.or([row('ends_at', 'is', null), row('ends_at', '>', at)])).compile() }),
  removeEnded: (now: number): WriteStep => ({ query: read.deleteFrom('signing_key').where('ends_at', '<=', now).compile() }),
})
export type SigningKeyStore = ReturnType<typeof createSigningKeyStore>
