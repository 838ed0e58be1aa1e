import { sql, type Insertable } from 'kysely'
import type { Database, WriteStep } from '../../database/database.ts'
import { penaltyRules, type PenaltyKind } from '../../policy/penalties.ts'
import type { PenaltyTable } from './tables.ts'

const KINDS = ['address', 'account', 'key'] as const satisfies readonly PenaltyKind[]

/** Points and bans. Points are added by the statement itself, so that processes that share the store lose none of each other's. */
export function createPenaltyStore({ read, dialect }: Database) {
  const most = (...values: readonly ReturnType<typeof sql>[]) => (dialect === 'sqlite' ? sql<number>`max(${sql.join(values)})` : sql<number>`greatest(${sql.join(values)})`)
  return {
    /** Adds points to what is left of those that are there. */
    add: (row: Insertable<PenaltyTable>): WriteStep => ({
      query: read.insertInto('penalty').values(row).onConflict((conflict) => conflict.columns(['kind', 'subject']).doUpdateSet({
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
    ban: ({ id, bans }: Pick<PenaltyTable, 'id' | 'bans'>, banned: Pick<PenaltyTable, 'points' | 'points_at' | 'bans' | 'banned_at' | 'banned_until'>): WriteStep => ({
      query: read.updateTable('penalty').set(banned).where('id', '=', id).where('bans', '=', bans).compile(), expectRows: 1,
    }),
    byId: (id: string) => read.selectFrom('penalty').selectAll().where('id', '=', id).executeTakeFirst(),
    async of(subjects: readonly { readonly kind: PenaltyKind; readonly id: string }[]): Promise<readonly PenaltyTable[]> {
      const found = await Promise.all(KINDS.map(async (kind) => {
        const ids = subjects.filter((subject) => subject.kind === kind).map(({ id }) => id)
        return ids.length === 0 ? [] : read.selectFrom('penalty').selectAll().where('kind', '=', kind).where('subject', 'in', ids).execute()
      }))
      return found.flat()
    },
    newest: (limit: number) => read.selectFrom('penalty').selectAll().orderBy('points_at', 'desc').orderBy('id', 'desc').limit(limit).execute(),
    remove: (id: string): WriteStep => ({ query: read.deleteFrom('penalty').where('id', '=', id).compile(), expectRows: 1 }),
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
