import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'
import type { Columns } from '../columns.ts'

/** What a key is limited to, values that were rotated away, what a key used of its days, and accounts that only services act for. */
export const keys = ({ bytes, moment, count }: Columns): Migration => ({
  async up(db: Kysely<unknown>) {
    await db.schema.alterTable('account').addColumn('kind', 'text', (column) => column.notNull().defaultTo('person')).execute()
    for (const name of ['restriction', 'last_used_address', 'made_by'] as const) await db.schema.alterTable('api_key').addColumn(name, 'text').execute()
    for (const name of ['value_created_at', 'reminded_at'] as const) await db.schema.alterTable('api_key').addColumn(name, moment).execute()
    await db.schema.createTable('api_key_former')
      .addColumn('digest', bytes, (column) => column.primaryKey())
      .addColumn('key_id', 'text', (column) => column.notNull().references('api_key.id').onDelete('cascade'))
      .addColumn('start', 'text', (column) => column.notNull())
      .addColumn('ends_at', moment, (column) => column.notNull())
      .addColumn('last_used_at', moment)
      .execute()
    await db.schema.createIndex('api_key_former_by_key').on('api_key_former').columns(['key_id']).execute()
    await db.schema.createTable('api_key_day')
      .addColumn('key_id', 'text', (column) => column.notNull().references('api_key.id').onDelete('cascade'))
      .addColumn('day', 'integer', (column) => column.notNull())
      .addColumn('turns', count, (column) => column.notNull())
      .addColumn('tokens', count, (column) => column.notNull())
      .addPrimaryKeyConstraint('api_key_day_pk', ['key_id', 'day'])
      .execute()
  },
})
