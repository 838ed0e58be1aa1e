import type { Database } from '../../database/database.ts'

/** Reads audit rows by their place in the chain. */
export const createAuditStore = (database: Database) => ({
  page: (before: number, limit: number) => database.read.selectFrom('audit_entry').selectAll().where('sequence', '<', before).orderBy('sequence', 'desc').limit(limit).execute(),
  after: (sequence: number, limit: number) => database.read.selectFrom('audit_entry').selectAll().where('sequence', '>', sequence).orderBy('sequence').limit(limit).execute(),
})
export type AuditStore = ReturnType<typeof createAuditStore>
