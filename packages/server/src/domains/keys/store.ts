import type { CompiledQuery, Insertable } from 'kysely'
import type { Database, WriteStep } from '../../database/database.ts'
import type { Scope } from '../../kernel/scope.ts'
import { selectStanding } from '../accounts/index.ts'
import { valueIdOf } from './format.ts'
import type { ApiKeyFormerTable, ApiKeyTable } from './tables.ts'

/** Who a service key acts for, found by the key and known to be no person. */
export interface ServiceOwner { readonly accountId: string; readonly isService: true }
/** Whose keys a statement may touch. */
export type KeyOwner = Scope | ServiceOwner

const found = ['api_key.id', 'api_key.expires_at', 'api_key.revoked_at', 'api_key.restriction'] as const

/** Reads by digest: this is how a scope comes about, so it cannot need one. */
export const createKeyFinder = (database: Database) => {
  const { read } = database
  // Asked for each caller whose key is not remembered: the statements are built once, for building them takes longer than their answer.
  const anyDigest = new Uint8Array(32)
  const currents = read.selectFrom('api_key').innerJoin('account', 'account.id', 'api_key.account_id').select([...found, 'api_key.digest']).select(selectStanding)
  const formers = read.selectFrom('api_key_former').innerJoin('api_key', 'api_key.id', 'api_key_former.key_id').innerJoin('account', 'account.id', 'api_key.account_id')
    .select([...found, 'api_key_former.digest', 'api_key_former.ends_at']).select(selectStanding)
  const current = currents.where('api_key.digest', '=', anyDigest).compile()
  const former = formers.where('api_key_former.digest', '=', anyDigest).compile()
  const currentOfKey = currents.where('api_key.id', '=', '').compile()
  const formersOfKey = formers.where('api_key_former.key_id', '=', '').compile()
  const rowsOf = async <Row>(statement: CompiledQuery<Row>, value: Uint8Array | string) => (await read.executeQuery<Row>({ ...statement, parameters: [value] })).rows
  return {
    /** The key of a value, with the standing that its account has now. `ends_at` is set for a value that was rotated away. */
    async byDigest(digest: Uint8Array) {
      const [row] = await rowsOf(current, digest)
      return row === undefined ? (await rowsOf(former, digest))[0] : { ...row, ends_at: null }
    },
    /** The same for what names a key and one of its values. A value that the key never had, or has no more, finds nothing. */
    async byValueId(id: string, valueId: string) {
      const [row] = await rowsOf(currentOfKey, id)
      if (row === undefined) return undefined
      // In this order: a rotation moves a value from here to there, so it is not missed in between.
      return valueIdOf(row.digest) === valueId ? { ...row, ends_at: null } : (await rowsOf(formersOfKey, id)).find(({ digest }) => valueIdOf(digest) === valueId)
    },
    touch: (id: string, at: number, address: Uint8Array): WriteStep => ({ query: read.updateTable('api_key').set({ last_used_at: at, last_used_address_sealed: address }).where('id', '=', id).compile() }),
    touchFormer: (digest: Uint8Array, at: number): WriteStep => ({ query: read.updateTable('api_key_former').set({ last_used_at: at }).where('digest', '=', digest).compile() }),
    /** Living keys whose value is older than a moment and whose owners were not told. */
    overdue: (madeBefore: number, now: number, limit: number) => read.selectFrom('api_key').select(['id', 'account_id', 'created_at', 'value_created_at'])
      .where('revoked_at', 'is', null).where('reminded_at', 'is', null)
      .where(({ fn }) => fn.coalesce('value_created_at', 'created_at'), '<=', madeBefore)
      .where(({ or, eb }) => or([eb('expires_at', 'is', null), eb('expires_at', '>', now)])).orderBy('id').limit(limit).execute(),
    markReminded: (id: string, at: number): WriteStep => ({ query: read.updateTable('api_key').set({ reminded_at: at }).where('id', '=', id).where('reminded_at', 'is', null).compile(), expectRows: 1 }),
    /** Ends every key of an account, or of all, but for some. */
    revokeAll: (accountId: string | null, at: number, keepIds: readonly string[] = []): WriteStep => {
      const living = read.updateTable('api_key').set({ revoked_at: at }).where('revoked_at', 'is', null)
      const own = accountId === null ? living : living.where('account_id', '=', accountId)
      return { query: (keepIds.length === 0 ? own : own.where('id', 'not in', [...keepIds])).compile() }
    },
    /** How many of these are there and live. */
    countLiving: async (ids: readonly string[], now: number) => (ids.length === 0 ? [] : await read.selectFrom('api_key').select('id').where('id', 'in', [...ids]).where('revoked_at', 'is', null)
      .where(({ or, eb }) => or([eb('expires_at', 'is', null), eb('expires_at', '>', now)])).execute()).length,
    named: (ids: readonly string[]) => read.selectFrom('api_key').select(['id', 'account_id', 'name_sealed']).where('id', 'in', [...ids]).execute(),
    isKnown: async (digest: Uint8Array) => await read.selectFrom('api_key').select('id').where('digest', '=', digest).executeTakeFirst() !== undefined,
  }
}
export type KeyFinder = ReturnType<typeof createKeyFinder>

export interface KeyUpdate { readonly name_sealed?: Uint8Array; readonly expires_at?: number | null; readonly restriction?: string | null }

/** One account's keys. */
export const createKeyStore = (database: Database) => ({ accountId }: KeyOwner) => {
  const { read } = database
  const living = () => read.selectFrom('api_key').selectAll().where('account_id', '=', accountId).where('revoked_at', 'is', null)
  const changing = (id: string) => read.updateTable('api_key').where('id', '=', id).where('account_id', '=', accountId).where('revoked_at', 'is', null)
  return {
    page: (before: string | undefined, limit: number) => {
      const rows = living().orderBy('id', 'desc').limit(limit)
      return (before === undefined ? rows : rows.where('id', '<', before)).execute()
    },
    get: async (id: string) => await living().where('id', '=', id).executeTakeFirst() ?? null,
    count: async () => (await read.selectFrom('api_key').select(({ fn }) => fn.countAll<number>().as('count')).where('account_id', '=', accountId).where('revoked_at', 'is', null).executeTakeFirstOrThrow()).count,
    insert: (row: Omit<Insertable<ApiKeyTable>, 'account_id'>): WriteStep => ({ query: read.insertInto('api_key').values({ ...row, account_id: accountId }).compile() }),
    change: (id: string, update: KeyUpdate): WriteStep => ({ query: changing(id).set(update).compile(), expectRows: 1 }),
    /** Takes the value away from the key, if it still is the key's: of two rotations at once one wins. */
    rotate: (id: string, from: Uint8Array, to: { readonly digest: Uint8Array; readonly start: string; readonly at: number }): WriteStep => ({
      query: changing(id).where('digest', '=', from).set({ digest: to.digest, start: to.start, value_created_at: to.at, reminded_at: null }).compile(), expectRows: 1,
    }),
    revoke: (id: string, at: number): WriteStep => ({ query: changing(id).set({ revoked_at: at }).compile(), expectRows: 1 }),
  }
}

/** Values that were rotated away. Only for keys that their owner's store has found. */
export const createFormerStore = (database: Database) => {
  const { read } = database
  return {
    living: async (keyIds: readonly string[], now: number) => keyIds.length === 0 ? []
      : read.selectFrom('api_key_former').selectAll().where('key_id', 'in', [...keyIds]).where('ends_at', '>', now).orderBy('ends_at').execute(),
    insert: (row: Insertable<ApiKeyFormerTable>): WriteStep => ({ query: read.insertInto('api_key_former').values(row).compile() }),
    /** Removes those that are over at a moment; all of them when it is left out. */
    remove: (keyId: string, endedBy?: number): WriteStep => {
      const rows = read.deleteFrom('api_key_former').where('key_id', '=', keyId)
      return { query: (endedBy === undefined ? rows : rows.where('ends_at', '<=', endedBy)).compile() }
    },
  }
}

/** Keys whose account is no person's. */
export const createServiceKeyStore = (database: Database) => {
  const living = () => database.read.selectFrom('api_key').innerJoin('account', 'account.id', 'api_key.account_id').selectAll('api_key')
    .select(['account.name_sealed as account_name_sealed', 'account.role as account_role']).where('account.kind', '=', 'service').where('api_key.revoked_at', 'is', null)
  return {
    page: (before: string | undefined, limit: number) => {
      const rows = living().orderBy('api_key.id', 'desc').limit(limit)
      return (before === undefined ? rows : rows.where('api_key.id', '<', before)).execute()
    },
    get: async (id: string) => await living().where('api_key.id', '=', id).executeTakeFirst() ?? null,
    /** Accounts that are no person's, the oldest first. */
    accounts: () => database.read.selectFrom('account').select(['id', 'name_sealed']).where('kind', '=', 'service').orderBy('id').execute(),
  }
}

/** What keys used of a day. A reservation holds only while the day has room for it: the statement itself decides, whoever else writes. */
export const createKeyDayStore = (database: Database) => {
  const { read } = database
  return {
    open: (keyId: string, day: number): WriteStep => ({ query: read.insertInto('api_key_day').values({ key_id: keyId, day, turns: 0, tokens: 0 }).onConflict((conflict) => conflict.columns(['key_id', 'day']).doNothing()).compile() }),
    reserve: (keyId: string, day: number, { tokens, turnsPerDay, tokensPerDay }: { readonly tokens: number; readonly turnsPerDay: number | null; readonly tokensPerDay: number | null }): WriteStep => {
      let rows = read.updateTable('api_key_day').set((column) => ({ turns: column('turns', '+', 1), tokens: column('tokens', '+', tokens) })).where('key_id', '=', keyId).where('day', '=', day)
      if (turnsPerDay !== null) rows = rows.where('turns', '<', turnsPerDay)
      if (tokensPerDay !== null) rows = rows.where('tokens', '<=', tokensPerDay - tokens)
      return { query: rows.compile(), expectRows: 1 }
    },
    /** Puts what was used in the place of what was reserved. */
    settle: (keyId: string, day: number, { turns, tokens }: { readonly turns: number; readonly tokens: number }): WriteStep => ({
      query: read.updateTable('api_key_day').set((column) => ({ turns: column('turns', '+', turns), tokens: column('tokens', '+', tokens) })).where('key_id', '=', keyId).where('day', '=', day).compile(),
    }),
    used: async (keyId: string, day: number) => await read.selectFrom('api_key_day').select(['turns', 'tokens']).where('key_id', '=', keyId).where('day', '=', day).executeTakeFirst() ?? { turns: 0, tokens: 0 },
    forgetBefore: (day: number): WriteStep => ({ query: read.deleteFrom('api_key_day').where('day', '<', day).compile() }),
  }
}
