import { sql, type Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'
import type { Columns } from '../columns.ts'
import type { Dialect } from '../database.ts'

/** What a session knows of its proof and its device, families of refresh tokens, the keys that sign access tokens, and what other processes must hear of. */
export const sessions = ({ bytes, moment }: Columns, dialect: Dialect): Migration => ({
  async up(db: Kysely<unknown>) {
    for (const name of ['authenticated_at', 'last_seen_at'] as const) await db.schema.alterTable('session').addColumn(name, moment, (column) => column.notNull().defaultTo(0)).execute()
    await db.schema.alterTable('session').addColumn('second_factor_at', moment).execute()
    await db.schema.alterTable('session').addColumn('device_sealed', bytes).execute()
    await sql`update session set authenticated_at = created_at, last_seen_at = created_at`.execute(db)
    await db.schema.createIndex('session_by_account').on('session').columns(['account_id', 'last_seen_at']).execute()
    await db.schema.createTable('token_family')
      .addColumn('id', 'text', (column) => column.primaryKey())
      .addColumn('account_id', 'text', (column) => column.notNull().references('account.id').onDelete('cascade'))
      .addColumn('created_at', moment, (column) => column.notNull())
      .addColumn('authenticated_at', moment, (column) => column.notNull())
      .addColumn('second_factor_at', moment)
      .addColumn('last_seen_at', moment, (column) => column.notNull())
      .addColumn('expires_at', moment, (column) => column.notNull())
      .addColumn('device_sealed', bytes)
      .execute()
    await db.schema.createIndex('token_family_by_account').on('token_family').columns(['account_id', 'last_seen_at']).execute()
    await db.schema.createTable('refresh_token')
      .addColumn('digest', bytes, (column) => column.primaryKey())
      .addColumn('family_id', 'text', (column) => column.notNull().references('token_family.id').onDelete('cascade'))
      .addColumn('created_at', moment, (column) => column.notNull())
      .addColumn('used_at', moment)
      .execute()
    await db.schema.createIndex('refresh_token_by_family').on('refresh_token').columns(['family_id']).execute()
    await db.schema.createTable('signing_key')
      .addColumn('id', 'text', (column) => column.primaryKey())
      .addColumn('number', 'integer', (column) => column.notNull().unique())
      .addColumn('public_key', 'text', (column) => column.notNull())
      .addColumn('private_sealed', bytes, (column) => column.notNull())
      .addColumn('created_at', moment, (column) => column.notNull())
      .addColumn('ends_at', moment)
      .execute()
    await db.schema.createTable('revocation')
      .addColumn('number', dialect === 'sqlite' ? 'integer' : 'serial', (column) => (dialect === 'sqlite' ? column.primaryKey().autoIncrement() : column.primaryKey()))
      .addColumn('at', moment, (column) => column.notNull())
      .addColumn('kind', 'text', (column) => column.notNull())
      .addColumn('subject', 'text', (column) => column.notNull())
      .addColumn('except_session_id', 'text')
      .execute()
    await db.schema.createIndex('revocation_by_time').on('revocation').columns(['at']).execute()
  },
})
