import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'
import type { Columns } from '../columns.ts'

/** What hooks are to do of versions of providers' keys, who does it now, and how often it failed. */
export const rotationHooks = ({ moment, count }: Columns): Migration => ({
  async up(db: Kysely<unknown>) {
    await db.schema.createTable('provider_hook_task')
      .addColumn('credential_id', 'text', (column) => column.notNull()).addColumn('verb', 'text', (column) => column.notNull())
      .addColumn('provider_id', 'text', (column) => column.notNull().references('provider.id').onDelete('cascade'))
      .addColumn('environment', 'text', (column) => column.notNull())
      .addColumn('claim_id', 'text').addColumn('claimed_until', moment)
      .addColumn('failures', count, (column) => column.notNull()).addColumn('failure', 'text').addColumn('failed_at', moment).addColumn('next_try_at', moment)
      .addPrimaryKeyConstraint('provider_hook_task_pk', ['credential_id', 'verb']).execute()
    await db.schema.createIndex('provider_hook_task_provider').on('provider_hook_task').column('provider_id').execute()
  },
})
