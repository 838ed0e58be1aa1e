import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'
import type { Columns } from '../columns.ts'

/** What secrets are used for, by interval; and what each version of a provider's key has cost, in millionths of money. */
export const secretUses = ({ moment, count }: Columns): Migration => ({
  async up(db: Kysely<unknown>) {
    await db.schema.createTable('secret_use')
      .addColumn('kind', 'text', (column) => column.notNull()).addColumn('name', 'text', (column) => column.notNull()).addColumn('from_at', moment, (column) => column.notNull())
      .addColumn('reads', count, (column) => column.notNull()).addColumn('tokens', count, (column) => column.notNull()).addColumn('last_at', moment, (column) => column.notNull())
      .addColumn('told_at', moment).addColumn('summed_at', moment)
      .addPrimaryKeyConstraint('secret_use_pk', ['kind', 'name', 'from_at']).execute()
    await db.schema.createTable('secret_use_purpose')
      .addColumn('kind', 'text', (column) => column.notNull()).addColumn('name', 'text', (column) => column.notNull()).addColumn('from_at', moment, (column) => column.notNull())
      .addColumn('purpose', 'text', (column) => column.notNull()).addColumn('reads', count, (column) => column.notNull())
      .addPrimaryKeyConstraint('secret_use_purpose_pk', ['kind', 'name', 'from_at', 'purpose']).execute()
    await db.schema.alterTable('provider_credential').addColumn('cost', count, (column) => column.notNull().defaultTo(0)).execute()
  },
})
