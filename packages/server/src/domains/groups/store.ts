import type { GroupRole, Role } from '@sallyport/contract'
import { sql } from 'kysely'
import type { Database, WriteStep } from '../../database/database.ts'
import { rolesByRank } from '../../policy/roles.ts'
import type { AccountGroupTable } from './tables.ts'

/** Memberships that a person made. The others carry the id of the identity provider that says so. */
export const BY_HAND = 'hand'

/**
 * Brings every account's role in line with the role that it was given and those of its groups: the highest of them. One statement over
 * all accounts that groups have ever touched, so that it is right whatever else happened meanwhile; the batch takes the lock of the audit
 * chain first. Whoever gives an account a role writes `role`, sets `granted_role` to null, and adds this step.
 */
export const settleRolesStep = (database: Database): WriteStep => {
  const own = sql<Role>`coalesce(account.granted_role, account.role)`
  const gives = (role: Role) => sql`exists (select 1 from account_group_member m join account_group g on g.id = m.group_id where m.account_id = account.id and g.role = ${role})`
  const branches = rolesByRank.map((role) => sql`when ${own} = ${role} or ${gives(role)} then ${role}`)
  const highest = sql<Role>`case ${sql.join(branches, sql` `)} else ${own} end`
  return {
    query: database.read.updateTable('account')
      .set({ role: highest, granted_role: own })
      .where((where) => where.or([where('granted_role', 'is not', null), where('id', 'in', database.read.selectFrom('account_group_member').select('account_id'))]))
      .compile(),
  }
}

/** A group's name, and what keeps it from being given twice. */
export type GroupName = Pick<AccountGroupTable, 'name_sealed' | 'name_lookup'>

/** Groups and who is in them. They belong to the server and not to an account. */
export const createGroupStore = (database: Database) => {
  const { read } = database
  const members = (groupId: string) => read.selectFrom('account_group_member').where('group_id', '=', groupId)
  return {
    async page(before: string | undefined, limit: number) {
      const rows = read.selectFrom('account_group').selectAll()
        .select((from) => from.selectFrom('account_group_member').whereRef('group_id', '=', 'account_group.id').select((count) => count.fn.count<number | string>('account_id').distinct().as('n')).as('members'))
        .orderBy('id', 'desc').limit(limit)
      return (await (before === undefined ? rows : rows.where('id', '<', before)).execute()).map((row) => ({ ...row, members: Number(row.members ?? 0) }))
    },
    byId: (id: string) => read.selectFrom('account_group').selectAll().where('id', '=', id).executeTakeFirst(),
    byIds: (ids: readonly string[]) => (ids.length === 0 ? Promise.resolve([]) : read.selectFrom('account_group').selectAll().where('id', 'in', ids).execute()),
    /** Groups of before migration 0031: the name stands in clear where a keyed hash will. */
    clearNames: () => read.selectFrom('account_group').select(['id', 'name_lookup']).where('name_sealed', 'is', null).execute(),
    sealClearName: ({ id, name }: { readonly id: string; readonly name: string }, sealed: GroupName): WriteStep =>
      ({ query: read.updateTable('account_group').set(sealed).where('id', '=', id).where('name_lookup', '=', name).compile() }),
    async countMembers(id: string) {
      const row = await members(id).select((count) => count.fn.count<number | string>('account_id').distinct().as('n')).executeTakeFirst()
      return Number(row?.n ?? 0)
    },
    membersOf: (id: string) => members(id).innerJoin('account', 'account.id', 'account_group_member.account_id')
      .select(['account.id', 'account.name_sealed', 'account.email_sealed', 'account_group_member.source']).orderBy('account.id').execute(),
    /** The groups of an account that one identity provider put it into. */
    async groupsFrom(accountId: string, source: string) {
      return (await read.selectFrom('account_group_member').select('group_id').where('account_id', '=', accountId).where('source', '=', source).execute()).map(({ group_id }) => group_id)
    },
    /** The accounts that one identity provider put into any but these groups. */
    async accountsFrom(source: string, except: readonly string[]) {
      const rows = read.selectFrom('account_group_member').select('account_id').distinct().where('source', '=', source)
      return (await (except.length === 0 ? rows : rows.where('group_id', 'not in', except)).execute()).map(({ account_id }) => account_id)
    },
    insert: (row: GroupName & { readonly id: string; readonly role: GroupRole | null; readonly at: number }): WriteStep =>
      ({ query: read.insertInto('account_group').values({ id: row.id, name_sealed: row.name_sealed, name_lookup: row.name_lookup, role: row.role, created_at: row.at }).compile(), expectRows: 1 }),
    /** Fails the batch when the group is gone, or gives another role than the one that was looked at. */
    change: (before: { readonly id: string; readonly role: GroupRole | null }, next: Partial<GroupName> & { readonly role: GroupRole | null }): WriteStep =>
      ({ query: read.updateTable('account_group').set(next).where('id', '=', before.id).where('role', before.role === null ? 'is' : '=', before.role).compile(), expectRows: 1 }),
    remove: (before: { readonly id: string; readonly role: GroupRole | null }): WriteStep =>
      ({ query: read.deleteFrom('account_group').where('id', '=', before.id).where('role', before.role === null ? 'is' : '=', before.role).compile(), expectRows: 1 }),
    /** Puts these people in place of those who were there by hand. Fails the batch when one of them is nobody. */
    setByHand: (id: string, accountIds: readonly string[], at: number): readonly WriteStep[] => [
      { query: read.deleteFrom('account_group_member').where('group_id', '=', id).where('source', '=', BY_HAND).compile() },
      ...(accountIds.length === 0 ? [] : [{
        query: read.insertInto('account_group_member').columns(['group_id', 'account_id', 'source', 'added_at'])
          .expression(read.selectFrom('account').where('id', 'in', accountIds).where('kind', '=', 'person').select([sql.val(id).as('group_id'), 'id', sql.val(BY_HAND).as('source'), sql<number>`cast(${at} as bigint)`.as('added_at')])).compile(),
        expectRows: accountIds.length,
      }]),
    ],
    /** Puts an account into the groups that an identity provider says, and out of the others that it once said. Groups that are gone are passed over. */
    setFrom: (accountId: string, { source, groupIds, at }: { readonly source: string; readonly groupIds: readonly string[]; readonly at: number }): readonly WriteStep[] => [
      { query: read.deleteFrom('account_group_member').where('account_id', '=', accountId).where('source', '=', source).compile() },
      ...(groupIds.length === 0 ? [] : [{
        query: read.insertInto('account_group_member').columns(['group_id', 'account_id', 'source', 'added_at'])
          .expression(read.selectFrom('account_group').where('id', 'in', groupIds).select(['id', sql.val(accountId).as('account_id'), sql.val(source).as('source'), sql<number>`cast(${at} as bigint)`.as('added_at')])).compile(),
      }]),
    ],
    removeSource: (source: string, except: readonly string[]): WriteStep => {
      const rows = read.deleteFrom('account_group_member').where('source', '=', source)
      return { query: (except.length === 0 ? rows : rows.where('group_id', 'not in', except)).compile() }
    },
  }
}
export type GroupStore = ReturnType<typeof createGroupStore>
