import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'
import type { Columns } from '../columns.ts'

/** When somebody was last told that a provider's key is old, and that it ends. */
export const credentialReminders = ({ moment }: Columns): Migration => ({
  async up(db: Kysely<unknown>) {
    await db.schema.alterTable('provider_credential').addColumn('rotation_told_at', moment).execute()
    await db.schema.alterTable('provider_credential').addColumn('expiry_told_at', moment).execute()
  },
})
