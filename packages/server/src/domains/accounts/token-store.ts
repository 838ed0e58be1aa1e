import type { Insertable } from 'kysely'
import type { Database, WriteStep } from '../../database/database.ts'
import type { EmailChangeTable, InvitationTable, PasswordResetTable } from './tables.ts'

/** One-time tokens by their digests: resets, changes of address, invitations. What takes one expects one row, so that exactly one batch of many can. */
export const createTokenStore = (database: Database) => ({
  reset: (digest: Uint8Array) => database.read.selectFrom('password_reset').innerJoin('account', 'account.id', 'password_reset.account_id')
    .selectAll('account').select('password_reset.expires_at').where('password_reset.digest', '=', digest).executeTakeFirst(),
  /** In place of an older one. */
  putReset: (row: Insertable<PasswordResetTable>): WriteStep => ({
    query: database.read.insertInto('password_reset').values(row)
      .onConflict((conflict) => conflict.column('account_id').doUpdateSet({ digest: row.digest, created_at: row.created_at, expires_at: row.expires_at, created_by: row.created_by ?? null })).compile(),
  }),
  takeReset: (digest: Uint8Array, now: number): WriteStep => ({ query: database.read.deleteFrom('password_reset').where('digest', '=', digest).where('expires_at', '>', now).compile(), expectRows: 1 }),
  /** Of one account, or of all. */
  dropReset: (accountId: string | null): WriteStep => {
    const all = database.read.deleteFrom('password_reset')
    return { query: (accountId === null ? all : all.where('account_id', '=', accountId)).compile() }
  },

  emailChange: (digest: Uint8Array) => database.read.selectFrom('email_change').selectAll().where('digest', '=', digest).executeTakeFirst(),
  putEmailChange: (row: Insertable<EmailChangeTable>): WriteStep => {
    const { account_id: _kept, ...changed } = row
    return { query: database.read.insertInto('email_change').values(row).onConflict((conflict) => conflict.column('account_id').doUpdateSet(changed)).compile() }
  },
  takeEmailChange: (digest: Uint8Array, now: number): WriteStep => ({ query: database.read.deleteFrom('email_change').where('digest', '=', digest).where('expires_at', '>', now).compile(), expectRows: 1 }),
  /** Of one account, or of all. */
  dropEmailChange: (accountId: string | null): WriteStep => {
    const all = database.read.deleteFrom('email_change')
    return { query: (accountId === null ? all : all.where('account_id', '=', accountId)).compile() }
  },

  invitation: (digest: Uint8Array) => database.read.selectFrom('invitation').selectAll().where('digest', '=', digest).executeTakeFirst(),
  invitationById: (id: string) => database.read.selectFrom('invitation').selectAll().where('id', '=', id).executeTakeFirst(),
  invitations: (before: string | undefined, limit: number) => {
    const rows = database.read.selectFrom('invitation').selectAll().where('created_by', 'is not', null).orderBy('id', 'desc').limit(limit)
    return (before === undefined ? rows : rows.where('id', '<', before)).execute()
  },
  putInvitation: (row: Insertable<InvitationTable>): WriteStep => ({ query: database.read.insertInto('invitation').values(row).compile() }),
  useInvitation: (digest: Uint8Array, now: number): WriteStep => ({
    query: database.read.updateTable('invitation').set((expression) => ({ uses_left: expression('uses_left', '-', 1) }))
      .where('digest', '=', digest).where('uses_left', '>', 0).where('revoked_at', 'is', null).where('expires_at', '>', now).compile(),
    expectRows: 1,
  }),
  revokeInvitation: (id: string, now: number): WriteStep => ({ query: database.read.updateTable('invitation').set({ revoked_at: now }).where('id', '=', id).where('revoked_at', 'is', null).compile(), expectRows: 1 }),
  /** Ends what an account has handed out that is suspended, changed or revoked; or what all have. */
  revokeInvitationsOf: (accountId: string | null, now: number): WriteStep => {
    const open = database.read.updateTable('invitation').set({ revoked_at: now }).where('revoked_at', 'is', null)
    return { query: (accountId === null ? open : open.where('created_by', '=', accountId)).compile() }
  },
  /** With an address, and nobody's yet. */
  unlinkedInvitations: () => database.read.selectFrom('invitation').selectAll().where('email_sealed', 'is not', null).where('account_id', 'is', null).execute(),
  /** Makes one part of what is held on an account, where it names an address: it is exported and erased with it. */
  linkInvitation: (id: string, accountId: string): WriteStep => ({ query: database.read.updateTable('invitation').set({ account_id: accountId }).where('id', '=', id).where('email_sealed', 'is not', null).compile() }),
  forgetInvitations: (before: number): WriteStep => ({ query: database.read.deleteFrom('invitation').where('expires_at', '<', before).compile() }),

  sentSince: async (lookup: Uint8Array, since: number): Promise<number> => {
    const { count } = await database.read.selectFrom('sent_mail').select(({ fn }) => fn.countAll().as('count')).where('email_lookup', '=', lookup).where('sent_at', '>', since).executeTakeFirstOrThrow()
    return Number(count)
  },
  noteSent: (id: string, lookup: Uint8Array, at: number): WriteStep => ({ query: database.read.insertInto('sent_mail').values({ id, email_lookup: lookup, sent_at: at }).compile() }),
  forgetSent: (before: number): WriteStep => ({ query: database.read.deleteFrom('sent_mail').where('sent_at', '<', before).compile() }),
})
export type TokenStore = ReturnType<typeof createTokenStore>
