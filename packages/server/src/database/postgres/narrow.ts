import { sql, type Kysely } from 'kysely'
import * as z from 'zod/mini'
import type { Schema } from '../schema.ts'

const Grants = z.array(z.object({ grantee: z.string(), table_name: z.string(), privilege_type: z.string() }))
const Lacking = z.array(z.object({ grantee: z.string() }))

/**
 * Takes from other roles what the owner's default privileges gave them and the running server has no use for: the audit log is added to and read, never
 * changed, and the list of migrations is only read. Whoever adds to the audit log may call what cuts off entries of more than a year. For tables
 * that the present role owns; elsewhere it does nothing.
 */
export async function narrowGrants(database: Kysely<Schema>): Promise<void> {
  if ((await excessOf(database)).length === 0 && (await lackOf(database)).length === 0) return
  await database.transaction().execute(async (transaction) => {
    // Two owners that revoke at once would meet in the catalogue, and one would fail.
    await sql`select pg_advisory_xact_lock(hashtext('sallyport.grants'))`.execute(transaction)
    for (const { grantee, table_name: table, privilege_type: privilege } of await excessOf(transaction)) {
      await sql`revoke ${sql.raw(privilege === 'INSERT' ? 'insert' : privilege === 'UPDATE' ? 'update' : 'delete')} on ${sql.table(table)} from ${sql.id(grantee)}`.execute(transaction)
    }
    for (const { grantee } of await lackOf(transaction)) await sql`grant execute on function audit_entry_cut(bigint) to ${sql.id(grantee)}`.execute(transaction)
  })
}

/** Roles that write the audit log, and may not have its old end cut off yet. */
async function lackOf(database: Kysely<Schema>): Promise<z.infer<typeof Lacking>> {
  const { rows } = await sql`select grantee from information_schema.role_table_grants
    where table_schema = current_schema() and grantor = current_user and grantee <> current_user and grantee <> 'PUBLIC' and table_name = 'audit_entry' and privilege_type = 'INSERT'
      and not has_function_privilege(grantee, to_regprocedure('audit_entry_cut(bigint)')::oid, 'execute')`.execute(database)
  return Lacking.parse(rows)
}

async function excessOf(database: Kysely<Schema>): Promise<z.infer<typeof Grants>> {
  const { rows } = await sql`select grantee, table_name, privilege_type from information_schema.role_table_grants
    where table_schema = current_schema() and grantor = current_user and grantee <> current_user
      and ((table_name = 'audit_entry' and privilege_type in ('UPDATE', 'DELETE')) or (table_name in ('kysely_migration', 'kysely_migration_lock') and privilege_type in ('INSERT', 'UPDATE', 'DELETE')))`.execute(database)
  return Grants.parse(rows)
}
