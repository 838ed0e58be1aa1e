import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'
import type { Columns } from '../columns.ts'

/** Points of those who went over limits, and their bans. */
export const penalties = ({ moment, count }: Columns): Migration => ({
  async up(db: Kysely<unknown>) {
    await db.schema.createTable('penalty')
      .addColumn('id', 'text', (column) => column.notNull().unique())
      .addColumn('kind', 'text', (column) => column.notNull())
      .addColumn('subject', 'text', (column) => column.notNull())
      .addColumn('points', count, (column) => column.notNull())
      .addColumn('points_at', moment, (column) => column.notNull())
      .addColumn('why', 'text', (column) => column.notNull())
      .addColumn('bans', 'integer', (column) => column.notNull())
      .addColumn('banned_at', moment)
      .addColumn('banned_until', moment)
      .addPrimaryKeyConstraint('penalty_pk', ['kind', 'subject'])
      .execute()
  },
})
