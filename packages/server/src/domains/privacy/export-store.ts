import type { Database, WriteStep } from '../../database/database.ts'
import type { DataExportTable, ExportReach } from './tables.ts'

/** Exports by their account and reach: what an administrator made stands beside what the account's owner made, and neither is found as the other. */
export const createExportStore = ({ read }: Database) => ({
  roleOf: (accountId: string) => read.selectFrom('account').select('role').where('id', '=', accountId).executeTakeFirst(),
  last: (accountId: string, reach: ExportReach) => read.selectFrom('data_export').selectAll().where('account_id', '=', accountId).where('reach', '=', reach).orderBy('id', 'desc').limit(1).executeTakeFirst(),
  get: ({ accountId, reach, id }: { readonly accountId: string; readonly reach: ExportReach; readonly id: string }) => read.selectFrom('data_export').selectAll().where('account_id', '=', accountId).where('reach', '=', reach).where('id', '=', id).executeTakeFirst(),
  ids: async () => (await read.selectFrom('data_export').select('id').execute()).map(({ id }) => id),
  insert: (row: DataExportTable): WriteStep => ({ query: read.insertInto('data_export').values(row).compile() }),
  tell: (id: string, done: number): WriteStep => ({ query: read.updateTable('data_export').set({ done }).where('id', '=', id).where('state', '=', 'running').compile() }),
  end: (id: string, { state, at, done, bytes }: { readonly state: 'ready' | 'failed'; readonly at: number; readonly done: number; readonly bytes: number }): WriteStep =>
    ({ query: read.updateTable('data_export').set({ state, ended_at: at, done, bytes }).where('id', '=', id).compile() }),
  removeOf: (accountId: string, reach: ExportReach): WriteStep => ({ query: read.deleteFrom('data_export').where('account_id', '=', accountId).where('reach', '=', reach).compile() }),
  removeExpired: (at: number): WriteStep => ({ query: read.deleteFrom('data_export').where('expires_at', '<=', at).compile() }),
  /** Exports that ended with the process that made them. */
  failRunning: (at: number): WriteStep => ({ query: read.updateTable('data_export').set({ state: 'failed', ended_at: at }).where('state', '=', 'running').compile() }),
})
