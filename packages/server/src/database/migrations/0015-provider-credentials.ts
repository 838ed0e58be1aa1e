import { sql, type Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'
import type { Columns } from '../columns.ts'

/** Versions of providers' keys. The active one is sealed in the provider's own row; here are the others, and what is known of each. */
export const providerCredentials = ({ bytes, moment, count }: Columns): Migration => ({
  async up(db: Kysely<unknown>) {
    await db.schema.createTable('provider_credential')
      .addColumn('id', 'text', (column) => column.primaryKey())
      .addColumn('provider_id', 'text', (column) => column.notNull().references('provider.id').onDelete('cascade'))
      .addColumn('version', 'integer', (column) => column.notNull())
      .addColumn('state', 'text', (column) => column.notNull())
      .addColumn('credential_sealed', bytes)
      .addColumn('created_at', moment, (column) => column.notNull())
      .addColumn('activated_at', moment)
      .addColumn('retired_at', moment)
      .addColumn('revoked_at', moment)
      .addColumn('expires_at', moment)
      .addColumn('rejected_at', moment)
      .addColumn('last_used_at', moment)
      .addColumn('calls', count, (column) => column.notNull())
      .addColumn('input_tokens', count, (column) => column.notNull())
      .addColumn('output_tokens', count, (column) => column.notNull())
      .addUniqueConstraint('provider_credential_version', ['provider_id', 'version'])
      .execute()
    await sql`create unique index provider_credential_active on provider_credential (provider_id) where state = 'active'`.execute(db)
  },
})
