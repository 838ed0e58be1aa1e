import type { Database, WriteStep } from '../../database/database.ts'
import type { DataExportTable } from './tables.ts'

/** Exports by their account. */
export const createExportStore = ({ read }: Database) => ({
  isKnown: (accountId: string) => read.selectFrom('account').select('id').where('id', '=', accountId).executeTakeFirst(),
  last: (accountId: string) => read.selectFrom('data_export').selectAll().where('account_id', '=', accountId).orderBy('id', 'desc').limit(1).executeTakeFirst(),
  get: (accountId: string, id: string) => read.selectFrom('data_export').selectAll().where('account_id', '=', accountId).where('id', '=', id).executeTakeFirst(),
  ids: async () => (await read.selectFrom('data_export').select('id').execute()).map(({ id }) => id),
  insert: (row: DataExportTable): WriteStep => ({ query: read.insertInto('data_export').values(row).compile() }),
  tell: (id: string, done: number): WriteStep => ({ query: read.updateTable('data_export').set({ done }).where('id', '=', id).where('state', '=', 'running').compile() }),
  end: (id: string, { state, at, done, bytes }: { readonly state: 'ready' | 'failed'; readonly at: number; readonly done: number; readonly bytes: number }): WriteStep =>
    ({ query: read.updateTable('data_export').set({ state, ended_at: at, done, bytes }).where('id', '=', id).compile() }),
  removeOf: (accountId: string): WriteStep => ({ query: read.deleteFrom('data_export').where('account_id', '=', accountId).compile() }),
  removeExpired: (at: number): WriteStep => ({ query: read.deleteFrom('data_export').where('expires_at', '<=', at).compile() }),
  /** Exports that ended with the process that made them. */
  failRunning: (at: number): WriteStep => ({ query: read.updateTable('data_export').set({ state: 'failed', ended_at: at }).where('state', '=', 'running').compile() }),
})
