import { sql, type Insertable } from 'kysely'
import type { Database, WriteStep } from '../../database/database.ts'
import { factorTries } from '../../policy/limits.ts'
import type { ChallengePurpose, FactorChallengeTable, FactorGuardTable, FactorTable } from './tables.ts'

type GuardedKind = FactorGuardTable['kind']

/**
 * Factors, recovery codes, guards and challenges by account. Not scoped by a caller: sign-in needs them before there is one. Every
 * step that uses something up expects its row, so that of many at once exactly one batch goes through.
 */
export const createFactorStore = (database: Database) => ({ ...factorRows(database), ...recoveryCodeRows(database), ...guardRows(database), ...challengeRows(database) })
export type FactorStore = ReturnType<typeof createFactorStore>

const factorRows = ({ read }: Database) => {
  const holdOf = (accountId: string) => read.updateTable('factor').set((row) => ({ counter: row.ref('factor.counter') })).where('factor.account_id', '=', accountId)
  return {
    /** Those that prove something, and suspended ones. Newest last. */
    ofAccount: (accountId: string) => read.selectFrom('factor').selectAll().where('account_id', '=', accountId).where('confirmed_at', 'is not', null).orderBy('id').execute(),
    byId: (accountId: string, id: string) => read.selectFrom('factor').selectAll().where('account_id', '=', accountId).where('id', '=', id).executeTakeFirst(),
    byCredential: (digest: Uint8Array) => read.selectFrom('factor').selectAll().where('credential_digest', '=', digest).where('confirmed_at', 'is not', null).executeTakeFirst(),
    insert: (row: Insertable<FactorTable>): WriteStep => ({ query: read.insertInto('factor').values(row).compile(), expectRows: 1 }),
    removeUnconfirmed: (accountId: string): WriteStep => ({ query: read.deleteFrom('factor').where('account_id', '=', accountId).where('confirmed_at', 'is', null).compile() }),
    /** Confirms a factor with its first code's step, once. */
    confirm: (accountId: string, id: string, { at, counter }: { readonly at: number; readonly counter: number }): WriteStep => ({
      query: read.updateTable('factor').set({ confirmed_at: at, last_used_at: at, counter }).where('account_id', '=', accountId).where('id', '=', id).where('confirmed_at', 'is', null).compile(), expectRows: 1,
    }),
    /** Takes a higher counter than any before. A passkey that never counts stays at zero (WebAuthn level 3, section 6.1.1). */
    advance: (id: string, { at, counter }: { readonly at: number; readonly counter: number }): WriteStep => ({
      query: read.updateTable('factor').set({ counter, last_used_at: at }).where('id', '=', id).where('confirmed_at', 'is not', null).where('suspended_at', 'is', null)
        .where((row) => row.or([row('counter', '<', counter), ...(counter === 0 ? [row.and([row('kind', '=', 'passkey'), row('counter', '=', 0)])] : [])])).compile(),
      expectRows: 1,
    }),
    suspend: (id: string, at: number): WriteStep => ({ query: read.updateTable('factor').set({ suspended_at: at }).where('id', '=', id).where('suspended_at', 'is', null).compile(), expectRows: 1 }),
    rename: (accountId: string, id: string, name: Uint8Array): WriteStep => ({ query: read.updateTable('factor').set({ name_sealed: name }).where('account_id', '=', accountId).where('id', '=', id).compile(), expectRows: 1 }),
    remove: (accountId: string, id: string): WriteStep => ({ query: read.deleteFrom('factor').where('account_id', '=', accountId).where('id', '=', id).compile(), expectRows: 1 }),
    removeAll: (accountId: string): WriteStep => ({ query: read.deleteFrom('factor').where('account_id', '=', accountId).compile() }),
    /** Of everybody: factors, recovery codes, and the counts of wrong ones. */
    removeEverybodys: (): readonly WriteStep[] => [read.deleteFrom('factor'), read.deleteFrom('recovery_code'), read.deleteFrom('factor_guard')].map((query) => ({ query: query.compile() })),
    /** Comes first in a batch that removes: a second such batch waits for it, and then sees what it left. */
    holdAll: (accountId: string): WriteStep => ({ query: holdOf(accountId).compile() }),
    /** Undoes the batch unless the account has another factor that works: of two that are removed at once, one stays. */
    requireAnother: (accountId: string, id: string): WriteStep => {
      const others = read.selectFrom('factor as other').select('other.id').where('other.account_id', '=', accountId).where('other.id', '!=', id).where('other.confirmed_at', 'is not', null).where('other.suspended_at', 'is', null)
      return { query: holdOf(accountId).where('factor.id', '=', id).where(({ exists }) => exists(others)).compile(), expectRows: 1 }
    },
  }
}

const recoveryCodeRows = ({ read }: Database) => ({
  recoveryCodesLeft: async (accountId: string) => Number((await read.selectFrom('recovery_code').select((row) => row.fn.countAll().as('left')).where('account_id', '=', accountId).executeTakeFirstOrThrow()).left),
  /** Without a factor there is nothing that a code could stand in for. */
  dropNeedlessRecoveryCodes: (accountId: string): WriteStep => ({
    query: read.deleteFrom('recovery_code').where('account_id', '=', accountId)
      .where(({ not, exists, selectFrom }) => not(exists(selectFrom('factor').select('factor.id').where('factor.account_id', '=', accountId).where('factor.confirmed_at', 'is not', null)))).compile(),
  }),
  dropRecoveryCodes: (accountId: string): WriteStep => ({ query: read.deleteFrom('recovery_code').where('account_id', '=', accountId).compile() }),
  putRecoveryCodes: (accountId: string, hashes: readonly Uint8Array[], at: number): WriteStep => ({
    query: read.insertInto('recovery_code').values(hashes.map((code_hash) => ({ account_id: accountId, code_hash, created_at: at }))).compile(), expectRows: hashes.length,
  }),
  hasRecoveryCode: async (accountId: string, hash: Uint8Array) => (await read.selectFrom('recovery_code').select('created_at').where('account_id', '=', accountId).where('code_hash', '=', hash).executeTakeFirst()) !== undefined,
  takeRecoveryCode: (accountId: string, hash: Uint8Array): WriteStep => ({ query: read.deleteFrom('recovery_code').where('account_id', '=', accountId).where('code_hash', '=', hash).compile(), expectRows: 1 }),
})

/** The wait after so many proofs failed in a row, as it grows from the stored count. */
const nextTryAt = (now: number) => {
  const waits = factorTries.delaySeconds.map((seconds, index) => sql`when failures = ${factorTries.free - 1 + index} then cast(${now + seconds * 1_000} as bigint)`)
  const last = now + (factorTries.delaySeconds.at(-1) ?? 0) * 1_000
  return sql<number>`case when failures < ${factorTries.free - 1} then cast(0 as bigint) ${sql.join(waits, sql` `)} else cast(${last} as bigint) end`
}

const guardRows = ({ read }: Database) => ({
  guardOf: (accountId: string, kind: GuardedKind) => read.selectFrom('factor_guard').selectAll().where('account_id', '=', accountId).where('kind', '=', kind).executeTakeFirst(),
  /** Counts a try before it is looked at, unless the account must wait: of many at once no more are counted than are allowed. */
  takeTry: (accountId: string, kind: GuardedKind, now: number): readonly WriteStep[] => [
    { query: read.insertInto('factor_guard').values({ account_id: accountId, kind, failures: 0, next_at: 0 }).onConflict((conflict) => conflict.columns(['account_id', 'kind']).doNothing()).compile() },
    {
      query: read.updateTable('factor_guard').set({ failures: sql`failures + 1`, next_at: nextTryAt(now) })
        .where('account_id', '=', accountId).where('kind', '=', kind).where('next_at', '<=', now).compile(),
      expectRows: 1,
    },
  ],
  /** A right proof ends every count of the account. */
  forgiveTries: (accountId: string): WriteStep => ({ query: read.deleteFrom('factor_guard').where('account_id', '=', accountId).compile() }),
})

const challengeRows = ({ read }: Database) => ({
  challenge: (digest: Uint8Array) => read.selectFrom('factor_challenge').selectAll().where('digest', '=', digest).executeTakeFirst(),
  putChallenge: (row: Insertable<FactorChallengeTable>): readonly WriteStep[] => [
    { query: read.deleteFrom('factor_challenge').where('expires_at', '<=', row.created_at).compile() },
    { query: read.insertInto('factor_challenge').values(row).compile(), expectRows: 1 },
  ],
  /** One try fewer; the last one leaves a row that nobody can use. */
  tryChallenge: (digest: Uint8Array, now: number): WriteStep => ({
    query: read.updateTable('factor_challenge').set((row) => ({ tries_left: row('tries_left', '-', 1) })).where('digest', '=', digest).where('expires_at', '>', now).where('tries_left', '>', 0).compile(), expectRows: 1,
  }),
  /** Uses a challenge up: exactly one batch can. */
  takeChallenge: (digest: Uint8Array, purpose: ChallengePurpose, now: number): WriteStep => ({
    query: read.deleteFrom('factor_challenge').where('digest', '=', digest).where('purpose', '=', purpose).where('expires_at', '>', now).compile(), expectRows: 1,
  }),
  /** Of one account, or of all. */
  dropChallenges: (accountId: string | null): WriteStep => {
    const all = read.deleteFrom('factor_challenge')
    return { query: (accountId === null ? all : all.where('account_id', '=', accountId)).compile() }
  },
})
