import { sql, type Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'
import type { Columns } from '../columns.ts'

/** Of events that people are told of: when that is due, until it is done, and when a mail went. What happened before is not told any more. */
export const alerts = ({ moment }: Columns): Migration => ({
  async up(db: Kysely<unknown>) {
    await db.schema.alterTable('security_event').addColumn('alert_due_at', moment).execute()
    await db.schema.alterTable('security_event').addColumn('mailed_at', moment).execute()
    await sql`create index security_event_due on security_event (alert_due_at) where alert_due_at is not null`.execute(db)
    await sql`create index security_event_mailed on security_event (mailed_at) where mailed_at is not null`.execute(db)
  },
})
