import { sql, type Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'
import type { Dialect } from '../database.ts'

/** On PostgreSQL a wrapped key that was destroyed leaves the table's file at the next round of its cleaner (a minute by default), also where the server's role may not clean. */
export const promptVacuum = (dialect: Dialect): Migration => ({
  async up(db: Kysely<unknown>) {
    if (dialect === 'postgres') await sql`alter table data_key set (autovacuum_vacuum_threshold = 0, autovacuum_vacuum_scale_factor = 0)`.execute(db)
  },
})
