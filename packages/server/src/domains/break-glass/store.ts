import { sql, type Insertable } from 'kysely'
import type { Database, WriteStep } from '../../database/database.ts'
import type { ConversationAccessTable } from './tables.ts'

/** Who may read, or could read, whose conversations. */
export const createAccessStore = (database: Database) => {
  const { read } = database
  const paged = (by: 'account_id' | 'reader_id', id: string, { before, limit }: { readonly before: string | undefined; readonly limit: number }) => {
    const rows = read.selectFrom('conversation_access').selectAll().where(by, '=', id).orderBy('id', 'desc').limit(limit)
    return (before === undefined ? rows : rows.where('id', '<', before)).execute()
  }
  return {
    ofAccount: (accountId: string, page: { readonly before: string | undefined; readonly limit: number }) => paged('account_id', accountId, page),
    ofReader: (readerId: string, page: { readonly before: string | undefined; readonly limit: number }) => paged('reader_id', readerId, page),
    async conversationsOf(accessIds: readonly string[]) {
      return accessIds.length === 0 ? [] : read.selectFrom('conversation_access_read').selectAll().where('access_id', 'in', accessIds).orderBy('conversation_id').execute()
    },
    /** The newest access of a reader to an account that is open now. */
    open: (readerId: string, accountId: string, now: number) => read.selectFrom('conversation_access').select(['id'])
      .where('reader_id', '=', readerId).where('account_id', '=', accountId).where('closed_at', 'is', null).where('ends_at', '>', now).orderBy('id', 'desc').limit(1).executeTakeFirst(),
    insert: (row: Insertable<ConversationAccessTable>): WriteStep => ({ query: read.insertInto('conversation_access').values(row).compile() }),
    /** Closes one that is open. Fails the batch for any other. */
    close: (id: string, now: number): WriteStep => ({
      query: read.updateTable('conversation_access').set({ closed_at: now }).where('id', '=', id).where('closed_at', 'is', null).where('ends_at', '>', now).compile(), expectRows: 1,
    }),
    /** Closes what a reader has opened, or all have (null). */
    closeAll: (readerId: string | null, now: number): WriteStep => {
      const open = read.updateTable('conversation_access').set({ closed_at: now }).where('closed_at', 'is', null).where('ends_at', '>', now)
      return { query: (readerId === null ? open : open.where('reader_id', '=', readerId)).compile() }
    },
    byId: (id: string) => read.selectFrom('conversation_access').select(['id', 'reader_id', 'account_id']).where('id', '=', id).executeTakeFirst(),
    /** Counts one reading. Fails the batch when the access has ended meanwhile: what is not counted is not shown. */
    count: (id: string, now: number): WriteStep => ({
      query: read.updateTable('conversation_access').set((set) => ({ reads: set('reads', '+', 1), last_read_at: now })).where('id', '=', id).where('closed_at', 'is', null).where('ends_at', '>', now).compile(), expectRows: 1,
    }),
    /** Notes which conversation was read, where it is one of the account's. */
    note: (accessId: string, { accountId, conversationId }: { readonly accountId: string; readonly conversationId: string }): readonly WriteStep[] => [{
      query: read.insertInto('conversation_access_read').columns(['access_id', 'conversation_id'])
        .expression(read.selectFrom('conversation').where('id', '=', conversationId).where('account_id', '=', accountId).select([sql.val(accessId).as('access_id'), 'id']))
        .onConflict((conflict) => conflict.doNothing()).compile(),
    }],
  }
}
export type AccessStore = ReturnType<typeof createAccessStore>
