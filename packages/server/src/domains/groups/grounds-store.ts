import { roles, type Role } from '@sallyport/contract'
import { sql, type RawBuilder } from 'kysely'
import type { Database, WriteStep } from '../../database/database.ts'
import { managedRoles } from '../../policy/roles.ts'
import { settleRolesStep } from './store.ts'

/** Whether somebody of the one role may manage somebody of the other, as `managedRoles` has it. */
const manages = (maker: string, managed: string): RawBuilder<boolean> => {
  const makersOf = (role: Role) => roles.filter((one) => managedRoles[one].has(role))
  return sql<boolean>`(${sql.join(roles.map((role) => sql`(${sql.ref(managed)} = ${role} and ${sql.ref(maker)} in (${sql.join(makersOf(role))}))`), sql` or `)})`
}

/**
 * Ends what rested on a role that carries it no more (IDN-11): invitations whose maker may not give their role, links to a new password whose
 * maker may not change that account, and openings of conversations whose reader may not manage whose they are. It looks at everything, so that it
 * is right whichever way a role or a state came to change; and what it has ended stays ended when the role comes back.
 */
const endGroundlessSteps = ({ read }: Database, at: number): readonly WriteStep[] => [
  { query: read.updateTable('invitation').set({ revoked_at: at }).where('revoked_at', 'is', null).where('created_by', 'is not', null)
    .where(({ not, exists, selectFrom }) => not(exists(selectFrom('account as maker').select('maker.id')
      .whereRef('maker.id', '=', 'invitation.created_by').where('maker.status', '=', 'active').where(manages('maker.role', 'invitation.role'))))).compile() },
  { query: read.deleteFrom('password_reset').where('created_by', 'is not', null)
    .where(({ not, exists, selectFrom }) => not(exists(selectFrom('account as maker').innerJoin('account as owner', (join) => join.onRef('owner.id', '=', 'password_reset.account_id')).select('maker.id')
      .whereRef('maker.id', '=', 'password_reset.created_by').where('maker.status', '=', 'active').where(manages('maker.role', 'owner.role'))))).compile() },
  { query: read.updateTable('conversation_access').set({ closed_at: at }).where('closed_at', 'is', null).where('ends_at', '>', at)
    .where(({ not, exists, selectFrom }) => not(exists(selectFrom('account as reader').innerJoin('account as owner', (join) => join.onRef('owner.id', '=', 'conversation_access.account_id')).select('reader.id')
      .whereRef('reader.id', '=', 'conversation_access.reader_id').where('reader.status', '=', 'active').where(manages('reader.role', 'owner.role'))))).compile() },
]

/** What every batch ends with that changes a role, a group or a state: roles are brought in line with groups, and what rested on those of before ends. */
export const settleSteps = (database: Database, at: number): readonly WriteStep[] => [settleRolesStep(database), ...endGroundlessSteps(database, at)]
