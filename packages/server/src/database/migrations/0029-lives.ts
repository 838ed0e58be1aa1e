import { sql, type Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'
import type { Dialect } from '../database.ts'

/** A year: the least life of an entry of the audit log. */
const LEAST_MILLISECONDS = 365 * 86_400_000

/**
 * By what the audit log loses its old end on PostgreSQL, where the role of the server may not remove its entries: all up to one, if each of them is a
 * year old by the database's own clock, or none. Its body is bound to the table and not to a name, so that no search path leads it elsewhere,
 * and it goes with the table where a restore moves that to another schema.
 */
export const lives = (dialect: Dialect): Migration => ({
  async up(db: Kysely<unknown>) {
    if (dialect === 'sqlite') return
    await sql`create function audit_entry_cut(through bigint) returns bigint language sql security definer set search_path = pg_catalog, pg_temp
      begin atomic
        with removed as (
          delete from audit_entry where sequence <= through
            and not exists (select 1 from audit_entry young where young.sequence <= through and young.at > (extract(epoch from now()) * 1000)::bigint - ${sql.lit(LEAST_MILLISECONDS)})
          returning 1
        )
        select count(*) from removed;
      end`.execute(db)
    await sql`revoke all on function audit_entry_cut(bigint) from public`.execute(db)
  },
})
