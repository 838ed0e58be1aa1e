import { sql, type Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'
import type { Columns } from '../columns.ts'

/** Addresses of who is banned are sealed by the next start; limits count under keyed hashes from here on, and begin anew. */
export const sealedAddresses = ({ bytes }: Columns): Migration => ({
  async up(db: Kysely<unknown>) {
    await db.schema.alterTable('penalty').addColumn('subject_sealed', bytes).execute()
    await sql`delete from rate_slot`.execute(db)
  },
})
