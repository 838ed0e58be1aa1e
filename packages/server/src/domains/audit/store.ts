import { sql } from 'kysely'
import type { Database, WriteStep } from '../../database/database.ts'
import { CUT_ACTION } from './cuts.ts'

/** Reads audit rows by their place in the chain. */
export const createAuditStore = ({ dialect, read }: Pick<Database, 'dialect' | 'read'>) => ({
  page: (before: number, limit: number) => read.selectFrom('audit_entry').selectAll().where('sequence', '<', before).orderBy('sequence', 'desc').limit(limit).execute(),
  after: (sequence: number, limit: number) => read.selectFrom('audit_entry').selectAll().where('sequence', '>', sequence).orderBy('sequence').limit(limit).execute(),
  /** The last entry that says what was cut off. */
  newestCut: () => read.selectFrom('audit_entry').select(['sequence', 'at', 'detail']).where('action', '=', CUT_ACTION).orderBy('sequence', 'desc').limit(1).executeTakeFirst(),
  /**
   * Removes that many entries: all up to one of them. On PostgreSQL the role of the server may not; a function of the tables' owner does it, and
   * refuses what is younger than the least life that policy knows.
   */
  cut: (through: number, entries: number): WriteStep => (dialect === 'sqlite'
    ? { query: read.deleteFrom('audit_entry').where('sequence', '<=', through).compile(), expectRows: entries }
    : { query: sql`select removed from audit_entry_cut(${through}) as removed where removed = ${entries}`.compile(read), expectRows: 1 }),
  /** Whether a security event of a type happened since a moment. */
  hasEventSince: async (type: string, at: number) => await read.selectFrom('security_event').select('id').where('type', '=', type).where('at', '>=', at).limit(1).executeTakeFirst() !== undefined,
})
export type AuditStore = ReturnType<typeof createAuditStore>
