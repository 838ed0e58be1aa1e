import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'
import type { Columns } from '../columns.ts'

/** What an erasure reaches besides: the invitation that named the address of whom it brought in, and stores that restores laid aside. */
export const furtherReach = ({ moment }: Columns): Migration => ({
  async up(db: Kysely<unknown>) {
    await db.schema.alterTable('invitation').addColumn('account_id', 'text', (column) => column.references('account.id').onDelete('cascade')).execute()
    await db.schema.alterTable('erasure').addColumn('former_stores_cleared_at', moment).execute()
  },
})
