import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'
import type { Columns } from '../columns.ts'

/**
 * Rotation of data keys, and of the key that wraps them. `data_key` keeps its form for good, because backups of any age are opened with the
 * newest copy of it: what a version is used for, and how the next vault wraps it, stand beside it.
 */
export const keyRotation = ({ bytes, moment, count }: Columns): Migration => ({
  async up(db: Kysely<unknown>) {
    await db.schema.createTable('data_key_stage')
      .addColumn('owner_id', 'text', (column) => column.notNull())
      .addColumn('version', 'integer', (column) => column.notNull())
      .addColumn('stage', 'text', (column) => column.notNull())
      .addColumn('at', moment, (column) => column.notNull())
      .addPrimaryKeyConstraint('data_key_stage_pk', ['owner_id', 'version'])
      .addForeignKeyConstraint('data_key_stage_key', ['owner_id', 'version'], 'data_key', ['owner_id', 'version'], (constraint) => constraint.onDelete('cascade'))
      .execute()
    await db.schema.createTable('data_key_next')
      .addColumn('owner_id', 'text', (column) => column.notNull())
      .addColumn('version', 'integer', (column) => column.notNull())
      .addColumn('vault_key_id', 'text', (column) => column.notNull())
      .addColumn('wrapped', bytes, (column) => column.notNull())
      .addPrimaryKeyConstraint('data_key_next_pk', ['owner_id', 'version'])
      .addForeignKeyConstraint('data_key_next_key', ['owner_id', 'version'], 'data_key', ['owner_id', 'version'], (constraint) => constraint.onDelete('cascade'))
      .execute()
    await db.schema.createTable('key_rotation_run')
      .addColumn('id', 'text', (column) => column.primaryKey())
      .addColumn('begun_at', moment, (column) => column.notNull())
      .addColumn('ended_at', moment)
      .addColumn('owners', count, (column) => column.notNull())
      .addColumn('owners_done', count, (column) => column.notNull())
      .addColumn('values_done', count, (column) => column.notNull())
      .addColumn('values_broken', count, (column) => column.notNull())
      .execute()
    await db.schema.createTable('key_rotation')
      .addColumn('owner_id', 'text', (column) => column.primaryKey())
      .addColumn('run_id', 'text', (column) => column.notNull().references('key_rotation_run.id').onDelete('cascade'))
      .addColumn('stage', 'text', (column) => column.notNull())
      .addColumn('version', 'integer', (column) => column.notNull())
      .addColumn('position', 'integer', (column) => column.notNull())
      .addColumn('after_row', 'text', (column) => column.notNull())
      .addColumn('steps', count, (column) => column.notNull())
      .addColumn('at', moment, (column) => column.notNull())
      .execute()
    await db.schema.createIndex('key_rotation_by_stage').on('key_rotation').columns(['stage', 'owner_id']).execute()
    // Whose messages and passages: to seal them anew, to export them, and to count them, without reading everybody's.
    await db.schema.createIndex('message_by_account').on('message').columns(['account_id', 'id']).execute()
    await db.schema.createIndex('passage_by_collection').on('passage').columns(['collection_id', 'id']).execute()
  },
})
