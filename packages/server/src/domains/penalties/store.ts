import { sql } from 'kysely'
import type { Database, WriteStep } from '../../database/database.ts'
import { keyedHash, openIfWhole, type Sealer } from '../../kernel/seal.ts'
import { penaltyRules, type PenaltyKind } from '../../policy/penalties.ts'
import type { PenaltyRow, PenaltyTable } from './tables.ts'

const subjectPlace = (rowId: string) => ({ table: 'penalty', rowId, column: 'subject_sealed' })
const KINDS = ['address', 'account', 'key'] as const satisfies readonly PenaltyKind[]

/** Points and bans. Points are added by the statement itself, so that processes that share the store lose none of each other's. */
export function createPenaltyStore({ read, dialect }: Database, server: Sealer) {
  const addresses = server.derive('penalised addresses')
  const lookupOf = (kind: PenaltyKind, subject: string) => (kind === 'address' ? keyedHash(addresses, subject).toString('base64') : subject)
  const sealedIn = (rowId: string, address: string) => server.seal(subjectPlace(rowId), address)
  const toStored = (row: PenaltyRow): PenaltyTable => ({ ...row, subject: lookupOf(row.kind, row.subject), subject_sealed: row.kind === 'address' ? sealedIn(row.id, row.subject) : null })
  /** Nothing for an address that does not open: nobody can be found by it. */
  const toRead = ({ subject_sealed: sealed, ...row }: PenaltyTable): readonly PenaltyRow[] => {
    const subject = row.kind === 'address' ? sealed === null ? null : openIfWhole(server, subjectPlace(row.id), sealed) : row.subject
    return subject === null ? [] : [{ ...row, subject }]
  }
  const most = (...values: readonly ReturnType<typeof sql>[]) => (dialect === 'sqlite' ? sql<number>`max(${sql.join(values)})` : sql<number>`greatest(${sql.join(values)})`)
  return {
    /** Adds points to what is left of those that are there. */
    add: (row: PenaltyRow): WriteStep => ({
      query: read.insertInto('penalty').values(toStored(row)).onConflict((conflict) => conflict.columns(['kind', 'subject']).doUpdateSet({
        points: sql<number>`${most(sql`0`, sql`penalty.points - ${most(sql`0`, sql`excluded.points_at - penalty.points_at`)} * ${sql.lit(penaltyRules.forgivenPerMinute)} / 60`)} + excluded.points`,
        points_at: most(sql`penalty.points_at`, sql`excluded.points_at`), why: row.why,
      })).compile(),
    }),
    /** Takes points back, but for who was banned meanwhile. */
    relieve: (id: string, points: number, now: number): WriteStep => ({
      query: read.updateTable('penalty').set({
        points: most(sql`0`, sql`penalty.points - ${most(sql`0`, sql`cast(${now} as bigint) - penalty.points_at`)} * ${sql.lit(penaltyRules.forgivenPerMinute)} / 60 - cast(${points} as bigint)`),
        points_at: most(sql`penalty.points_at`, sql`cast(${now} as bigint)`),
      }).where('id', '=', id).where((where) => where.or([where('banned_until', 'is', null), where('banned_until', '<=', now)])).compile(),
    }),
    /** Of two at once, one bans. */
    ban: ({ id, bans }: Pick<PenaltyRow, 'id' | 'bans'>, banned: Pick<PenaltyRow, 'points' | 'points_at' | 'bans' | 'banned_at' | 'banned_until'>): WriteStep => ({
      query: read.updateTable('penalty').set(banned).where('id', '=', id).where('bans', '=', bans).compile(), expectRows: 1,
    }),
    byId: async (id: string) => (await read.selectFrom('penalty').selectAll().where('id', '=', id).execute()).flatMap(toRead)[0],
    async of(subjects: readonly { readonly kind: PenaltyKind; readonly id: string }[]): Promise<readonly PenaltyRow[]> {
      const found = await Promise.all(KINDS.map(async (kind) => {
        const ids = subjects.filter((subject) => subject.kind === kind).map(({ id }) => lookupOf(kind, id))
        return ids.length === 0 ? [] : read.selectFrom('penalty').selectAll().where('kind', '=', kind).where('subject', 'in', ids).execute()
      }))
      return found.flat().flatMap(toRead)
    },
    newest: async (limit: number) => (await read.selectFrom('penalty').selectAll().orderBy('points_at', 'desc').orderBy('id', 'desc').limit(limit).execute()).flatMap(toRead),
    remove: (id: string): WriteStep => ({ query: read.deleteFrom('penalty').where('id', '=', id).compile(), expectRows: 1 }),
    /** Addresses that were kept in clear before migration 0035, and the step that seals one where it still is so. */
    clearAddresses: () => read.selectFrom('penalty').select(['id', 'subject']).where('kind', '=', 'address').where('subject_sealed', 'is', null).execute(),
    sealAddress: ({ id, subject }: Pick<PenaltyTable, 'id' | 'subject'>): WriteStep => ({
      query: read.updateTable('penalty').set({ subject: lookupOf('address', subject), subject_sealed: sealedIn(id, subject) }).where('id', '=', id).where('subject', '=', subject).compile(),
    }),
    /** What is held against an account and its keys. */
    removeOf: (accountId: string): WriteStep => ({
      query: sql`delete from penalty where (kind = 'account' and subject = ${accountId}) or (kind = 'key' and subject in (select id from api_key where account_id = ${accountId}))`.compile(read),
    }),
    /** Removes what was forgiven and is of no use for the length of a next ban. */
    forget: (now: number, banPoints: number): WriteStep => ({
      query: read.deleteFrom('penalty').where('points_at', '<', now - Math.ceil((banPoints * 2 * 60_000) / penaltyRules.forgivenPerMinute))
        .where((where) => where.or([where('banned_until', 'is', null), where('banned_until', '<', now - penaltyRules.forgottenAfterSeconds * 1_000)])).compile(),
    }),
  }
}
export type PenaltyStore = ReturnType<typeof createPenaltyStore>
